"""demo: the main job on a sample tenant, shown and checked. What `make run` shows."""
