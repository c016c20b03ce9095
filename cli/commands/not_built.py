"""Subcommands that are promised and not built yet: each says so, and what to do instead."""

from cli import exits


def status() -> None:
    """What became of an event: not built yet."""
    exits.refuse("offboard status is not built yet: subscribe to the outcomes topic, or read the journal")


