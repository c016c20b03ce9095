"""pytest's main loop, replaced: all tests once, to see which functions they come by; then each change with those of its function.

Loaded by `python -m tests.mutation` as a plugin of pytest, in the folder `mutants/` that mutmut has filled. Collected once; each
change is tried in a fork of its own, with the quickest tests first, and no further than the first that fails.
"""

import fnmatch
import gc
import json
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

KILLED: Final = 1
SURVIVED: Final = 0
BROKEN: Final = 70
"""Not the test failed, but what tries it."""
NO_TESTS: Final = 33
TIMEOUT: Final = 36
_SAVED_EVERY: Final = 20
_LONGEST_WAIT_SECONDS: Final = 15
"""A test that waits for what never comes is ended after this; one that runs on without end, after so much processor time more:"""
_LONGER_SECONDS: Final = 1.0
_TIMES_LONGER: Final = 20
_MOST_TESTS: Final = 600
"""Hundreds come by some functions; what so many have not noticed counts as noticed by none."""
_SEEN: Final = Path("seen.json")


class Tests:
    """The tests that come by each function, in the order in which they are tried.

    At first those of the function's own folder, of them those that noticed most elsewhere, and of those the quickest; later the one
    that noticed the function's last change: likely enough it notices the next one too. One that ran on without end goes last.
    `took` is how long they take, in seconds.
    """

    def __init__(self, by_function: Mapping[str, Sequence[pytest.Item]], took: Mapping[pytest.Item, float]) -> None:
        self.took = took
        self._by_function = {function: list(items) for function, items in by_function.items()}
        self._noticed: Counter[pytest.Item] = Counter()
        self._sorted: set[str] = set()

    def of(self, function: str) -> Sequence[pytest.Item]:
        found = self._by_function.get(function, [])
        if function not in self._sorted:
            self._sorted.add(function)
            found.sort(key=lambda item: (_folder(function) not in item.path.parts, -self._noticed[item]))
        return found[:_MOST_TESTS]

    def noticed(self, function: str, number: int, *, endless: bool) -> None:
        found = self._by_function[function]
        item = found.pop(number)
        found.insert(len(found) if endless else 0, item)
        self._noticed[item] += not endless


def _folder(function: str) -> str:
    """Where the tests of a function are, such as `domain`; what is in no package is tested in the course of processing."""
    _, package, *rest = function.split(".")
    return package if len(rest) > 1 else "processing"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutation")
    group.addoption("--change", action="append", default=[], help="a pattern of the changes to be tried")
    group.addoption("--again", action="store_true", help="those again that no test has noticed")
    group.addoption("--rest", action="store_true", help="those that were not tried yet")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    if session.testsfailed:
        raise session.Interrupted("a test could not be loaded")
    tests = _by_function(session)
    if session.testsfailed:
        raise session.Interrupted("a test fails without any change")
    gc.collect()
    gc.freeze()  # else every fork copies what the collector touches
    for pattern in session.config.getoption("--change") or ["*"]:
        for meta in sorted(Path("shared").rglob("*.meta")):
            _module(session, meta, tests, pattern)
    return True


def _by_function(session: pytest.Session) -> Tests:
    """The tests that come by each function, the quickest first; those that were seen before are not run for it again."""
    seen: dict[str, Any] = json.loads(_SEEN.read_text(encoding="utf-8")) if _SEEN.exists() else {}
    keys = {item: f"{item.nodeid} {item.path.stat().st_mtime_ns}" for item in session.items}
    set_mutant_under_test("stats")
    for item, following in _with_next([item for item in session.items if keys[item] not in seen]):
        state()._stats.clear()
        begun = time.process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        seen[keys[item]] = [time.process_time() - begun, sorted(state()._stats)]
    set_mutant_under_test("")
    if not session.testsfailed:
        _SEEN.write_text(json.dumps(seen), encoding="utf-8")
    found: dict[str, list[pytest.Item]] = defaultdict(list)
    took = {item: seen[keys[item]][0] for item in session.items}
    for item in sorted(session.items, key=lambda each: took[each]):
        for function in seen[keys[item]][1]:
            found[function].append(item)
    return Tests(found, took)


def _with_next(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=False)  # nothing follows none


def _module(session: pytest.Session, meta: Path, tests: Tests, pattern: str) -> None:
    """Try those changes of one module that the pattern names, and note how each ended where mutmut does."""
    content = json.loads(meta.read_text(encoding="utf-8"))
    ended: dict[str, int | None] = content["exit_code_by_key"]
    todo = [name for name, end in ended.items() if fnmatch.fnmatch(name, pattern) and _is_asked(session.config, end)]
    for number, name in enumerate(todo, start=1):
        ended[name] = _tried(session, name, tests)
        if number % _SAVED_EVERY == 0 or number == len(todo):
            meta.write_text(json.dumps(content, indent=4), encoding="utf-8")
            os.write(2, f"{meta.with_suffix('')}: {number} of {len(todo)}\n".encode())


def _is_asked(config: pytest.Config, end: int | None) -> bool:
    if config.getoption("--rest"):
        return end is None
    return not config.getoption("--again") or end in {SURVIVED, NO_TESTS}


def _tried(session: pytest.Session, name: str, tests: Tests) -> int:
    """How the change ended."""
    function = mangled_name_from_mutant_name(name)
    chosen = tests.of(function)
    if not chosen:
        return NO_TESTS
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _try(session, name, [(item, tests.took[item]) for item in chosen], writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        begun = len(pipe.read())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in {KILLED, SURVIVED} and code >= 0:
        raise RuntimeError(f"{name} could not be tried: exit code {code}")
    if begun and code != SURVIVED:
        tests.noticed(function, begun - 1, endless=code < 0)
    return TIMEOUT if code < 0 else code


def _try(session: pytest.Session, name: str, tests: Sequence[tuple[pytest.Item, float]], writing: int) -> None:
    """In the fork: a byte for each test that begins, and the end as exit code. Never returns."""
    code = BROKEN
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        session.config.option.tbstyle = "no"  # nobody reads how it failed
        set_mutant_under_test(name)
        for (item, took), (following, _) in zip(tests, [*tests[1:], (None, 0)], strict=True):
            os.write(writing, b".")
            signal.alarm(_LONGEST_WAIT_SECONDS)
            signal.setitimer(signal.ITIMER_PROF, _LONGER_SECONDS + _TIMES_LONGER * took)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                code = KILLED
                break
        else:
            code = SURVIVED
    finally:
        os._exit(code)
