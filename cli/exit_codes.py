"""How the command ends: 0 done, 1 some failed, 2 usage or connection, 130 broken off by Ctrl-C, 141 nobody reads on."""

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    SOME_FAILED = 1
    USAGE_OR_CONNECTION = 2
    INTERRUPTED = 130
    """By Ctrl-C, as a shell has it."""
    NOBODY_READS = 141
    """Standard output was closed, as by `| head`: as a shell has it."""
