"""records: what the journal holds of an event, found, told, and undone, for the operator."""
