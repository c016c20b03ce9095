"""Who does this: the name that the journal keeps beside what an operator did."""

import getpass

from cli import exits


def named(given: str | None) -> str:
    """The system's user by default: a name to ask for, not a proof. Ends the command with 2 where there is none."""
    try:
        name = getpass.getuser() if given is None else given.strip()
    except OSError:  # nobody that the system knows
        name = ""
    return name or exits.refuse("--operator is missing: say who does this, for the record")
