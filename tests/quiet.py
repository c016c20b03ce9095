"""The suite's own look at its logs (rule 9): no test may log a name, a serial number, a token, a key or a body of those it uses.

Every record is looked at, from WARNING up, of the service's own packages from DEBUG up, with its fields and its traceback; and
every file `*.log` that hosts in processes of their own wrote into a folder of a test's. Who logged it fails, at its end. Under
xdist each worker looks at its own. Imported by conftest.py; what commands print on an operator's screen is no log.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from tests import builders
from tests.e2e.people import PRIVATE
from tests.fuzz import kept

PERSONAL: Final[Mapping[str, re.Pattern[str]]] = {
    "a user principal name": re.compile(r"(?<![\w.+'-])(?!name@contoso\.com\b)[\w.+'-]+@[\w-]+\.[\w.-]+"),
    "somebody's name": re.compile(rf"(leaver|successor)[. ]lastname|{PRIVATE}|{kept.SECRET}", re.IGNORECASE),
    "a serial number": re.compile(rf"{builders.SERIAL_NUMBER}|\bSN-?[0-9]", re.IGNORECASE),
    "a token": re.compile(r"\beyJ[\w-]{8,}|\bBearer\s+\S"),
    "a key": re.compile(r"SharedAccess(Key|Signature)=|AccountKey=|0123456789abcdef\b"),
    "a body": re.compile(r'"(user|device|userPrincipalName|serialNumber|autopilotDeviceId)"\s*:'),
}
"""What a log may not hold. The texts are those that the tests use: whatever is personal in a test has one of these forms.

`name@contoso.com` is nobody's: it stands in our own texts, which say what a user principal name looks like.
"""

MAY: Final[Mapping[str, str]] = {
    "tests/fuzz/": "ids of any text are made there, and ids are logged as their sender chose them",
}
"""The tests that may, by the beginning of their names, and why."""

_OURS: Final = ("shared", "cli", "devhost", "emulators", "function_app")
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({})))
_FORMAT: Final = logging.Formatter("%(name)s %(message)s")


class Watch(logging.Handler):
    """Keeps what is personal in the records; `found` has a line for each, which names the logger and quotes nothing."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.found: list[str] = []
        self._told: set[Path] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Look at the text with its traceback, and at the fields beside it."""
        fields = [str(value) for name, value in vars(record).items() if name not in _STANDARD]
        text = " ".join([_FORMAT.format(record), *fields])
        self.found += [f"{record.name}: {what} ({record.msg!r})" for what in personal(text)]

    def take(self, folder: Path | None) -> list[str]:
        """What was found since, and what is in the log files of a folder and below; each once."""
        found, self.found = self.found, []
        logs = sorted(set(folder.rglob("*.log")) - self._told) if folder is not None else []
        in_files = {path: personal(path.read_text("utf-8", "replace")) for path in logs}
        self._told |= {path for path, what in in_files.items() if what}
        return found + [f"{path.name}: {what}" for path, every in in_files.items() for what in every]


def personal(text: str) -> list[str]:
    """What kinds of personal things are in a text."""
    return [what for what, pattern in PERSONAL.items() if pattern.search(text)]


@pytest.fixture(scope="session", autouse=True)
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """Looks at all records while tests run; and in the end at the log files that outlived theirs."""
    handler = Watch()
    logging.getLogger().addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield handler
    _nothing(handler.take(tmp_path_factory.getbasetemp()))


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest, watch: Watch) -> Iterator[None]:
    """Nothing personal is logged while this test runs, or in a log file of its own folder."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    found = watch.take(folder)
    if not request.node.nodeid.startswith(tuple(MAY)):
        _nothing(found)


def _nothing(found: Sequence[str]) -> None:
    assert not found, f"personal things were logged: {found}"
