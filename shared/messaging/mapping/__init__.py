"""mapping: rules that turn a message of another shape into one of our events. Imported only where a mapping file is set."""
