"""What a check found: how bad it is, in which words, and the mend. Knows no check."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cli.exit_codes import Exit


class Status(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line. `basic`: a failure of settings or connections, without which the other checks say little."""

    check: str
    status: Status
    text: str
    mend: str = ""
    basic: bool = False


def ok(check: str, text: str) -> Finding:
    """All is well."""
    return Finding(check=check, status=Status.OK, text=text)


def warn(check: str, text: str, mend: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(check=check, status=Status.WARN, text=text, mend=mend)


def fail(check: str, text: str, mend: str, *, basic: bool = False) -> Finding:
    """It does not work."""
    return Finding(check=check, status=Status.FAIL, text=text, mend=mend, basic=basic)


def code(findings: Iterable[Finding]) -> Exit:
    """0 if nothing failed, 2 if settings or a connection did, else 1."""
    failed = [each for each in findings if each.status is Status.FAIL]
    if any(each.basic for each in failed):
        return Exit.USAGE_OR_CONNECTION
    return Exit.SOME_FAILED if failed else Exit.DONE
