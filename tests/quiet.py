"""The suite's own look at its logs (rule 9): no test may log a name, a serial number, a token, a key or a body of those it uses.

Every record is looked at, from WARNING up, of the service's own packages from DEBUG up, with its fields and its traceback; every
file `*.log` that hosts in processes of their own wrote into a folder of a test's; and what they wrote on the suite's own standard
error. Who logged it fails, at its end. Under xdist each worker looks at its own. Imported by conftest.py.

Where a test reads the standard error of a process itself, it looks itself (`personal.nothing_personal`). What commands print on
an operator's screen is no log.
"""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.personal import personal

_OURS: Final = ("shared", "cli", "devhost", "emulators", "function_app")
_STANDARD: Final = frozenset(vars(logging.makeLogRecord({})))
_FORMAT: Final = logging.Formatter("%(name)s %(message)s")
_SHOWN: Final = 20


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


@contextmanager
def looked_at(level: int = logging.DEBUG) -> Iterator[Watch]:
    """Nothing is written or kept; what would be, of our own from a level up, is looked at. Who asks takes what was found."""
    handler, root = Watch(), logging.getLogger()
    before, root.handlers = root.handlers, [handler]
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
    try:
        yield handler
    finally:
        root.handlers = before


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
    _nothing(watch.take(folder))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test fails on whose standard error a process wrote something personal, where pytest captures it."""
    report = yield
    found = personal(report.capstderr) if report.when == "call" and report.passed else []
    if found:
        report.outcome, report.longrepr = "failed", f"personal things are on standard error: {found}"
    return report


def _nothing(found: Sequence[str]) -> None:
    assert not found, f"personal things were logged: {found[:_SHOWN]}"
