"""Subcommands that are promised and not built yet: each says so, and what to do instead."""

from cli import exits


def status() -> None:
    """What became of an event: not built yet."""
    exits.refuse("offboard status is not built yet: subscribe to the outcomes topic, or read the journal")


def undo() -> None:
    """Assign the former user again: not built yet."""
    exits.refuse("offboard undo is not built yet: the outcome event has the former user of each device")
