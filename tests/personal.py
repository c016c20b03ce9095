"""What no log line, error text or dead-letter description may hold (rule 9), by its form. Knows neither logs nor queues.

Whatever is personal in a test has one of these forms; `tests/consistency/test_test_values.py` looks that it has, where that shows.
"""

import re
from collections.abc import Mapping
from typing import Final

from tests.e2e.people import PRIVATE
from tests.fuzz import kept

PERSONAL: Final[Mapping[str, re.Pattern[str]]] = {
    "a user principal name": re.compile(r"(?<![\w.+'-])(?!name@contoso\.com\b)[\w.+'-]+@[\w-]+\.[\w.-]+"),
    "somebody's name": re.compile(rf"(leaver|successor)[. ]lastname|{PRIVATE}|{kept.SECRET}", re.IGNORECASE),
    "a serial number": re.compile(r"PF3XK7Q9|R90X|\b(SN|PF|5CG)[- ]?[0-9]", re.IGNORECASE),
    "a token": re.compile(r"\beyJ[\w-]{8,}|\bBearer\s+\S"),
    "a key": re.compile(r"SharedAccess(Key|Signature)=|AccountKey=|0123456789abcdef\b"),
    "a body": re.compile(r'"(user|device|userPrincipalName|serialNumber|autopilotDeviceId)"\s*:'),
}
"""The texts are those that the tests use. `name@contoso.com` is nobody's: our own texts say with it what such a name looks like."""


def personal(text: str) -> list[str]:
    """What kinds of personal things are in a text."""
    return [what for what, pattern in PERSONAL.items() if pattern.search(text)]


def nothing_personal(text: str, where: str) -> None:
    """For what a process said, or a broker keeps: fails with the kinds that are in it, and quotes nothing."""
    found = personal(text)
    assert not found, f"in {where}: {found}"
