"""checks: what can be known of the infrastructure without Azure; each returns problems as text, and none means good."""
