"""dlq: what operators do about dead letters: see, understand, correct, replay, discard; the options are in cli.commands.dlq."""
