"""The operator's command, `offboard`. Knows people at terminals; decides nothing that the service decides."""
