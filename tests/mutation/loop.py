"""pytest's main loop, replaced: all tests once, to see which functions they come by; then each change with those of its function.

Loaded by `python -m tests.mutation` as a plugin of pytest, in the folder `mutants/` that mutmut has filled. Collected once; each
change is tried in a fork of its own, from the quickest test to the slowest, and no further than the first that fails.
"""

import fnmatch
import gc
import json
import os
import resource
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.format_utils import mangled_name_from_mutant_name

KILLED: Final = 1
SURVIVED: Final = 0
NO_TESTS: Final = 33
TIMEOUT: Final = 36
_SAVED_EVERY: Final = 50
_LONGEST_SECONDS: Final = 60
"""Of processor time, for all tests of one change."""
_LONGEST_TEST_SECONDS: Final = 15
"""For one test, which may wait for what never comes."""
_SEEN: Final = Path("seen.json")

type Tests = Mapping[str, Sequence[pytest.Item]]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mutation")
    group.addoption("--change", action="append", default=[], help="a pattern of the changes to be tried")
    group.addoption("--again", action="store_true", help="those again that no test has noticed")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    if session.testsfailed:
        raise session.Interrupted("a test could not be loaded")
    tests = _by_function(session)
    if session.testsfailed:
        raise session.Interrupted("a test fails without any change")
    gc.collect()
    gc.freeze()  # else every fork copies what the collector touches
    for meta in sorted(Path("shared").rglob("*.meta")):
        _module(session, meta, tests)
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
    for item in sorted(session.items, key=lambda each: seen[keys[each]][0]):
        for function in seen[keys[item]][1]:
            found[function].append(item)
    return found


def _with_next(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def _module(session: pytest.Session, meta: Path, tests: Tests) -> None:
    """Try the changes of one module, and note how each ended where mutmut does."""
    content = json.loads(meta.read_text(encoding="utf-8"))
    ended: dict[str, int | None] = content["exit_code_by_key"]
    todo = [name for name, end in ended.items() if _is_asked(session.config, name, end)]
    for number, name in enumerate(todo, start=1):
        chosen = tests.get(mangled_name_from_mutant_name(name), ())
        ended[name] = _tried(session, name, chosen) if chosen else NO_TESTS
        if number % _SAVED_EVERY == 0 or number == len(todo):
            meta.write_text(json.dumps(content, indent=4), encoding="utf-8")
            os.write(2, f"{meta.with_suffix('')}: {number} of {len(todo)}\n".encode())


def _is_asked(config: pytest.Config, name: str, end: int | None) -> bool:
    patterns = config.getoption("--change")
    if patterns and not any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
        return False
    if config.getoption("--again"):
        return end not in {KILLED, TIMEOUT}
    return bool(patterns) or end is None


def _tried(session: pytest.Session, name: str, tests: Sequence[pytest.Item]) -> int:
    child = os.fork()
    if child == 0:
        _try(session, name, tests)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return TIMEOUT if code < 0 else code


def _try(session: pytest.Session, name: str, tests: Sequence[pytest.Item]) -> None:
    """In the fork: never returns."""
    code = KILLED
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (_LONGEST_SECONDS, _LONGEST_SECONDS))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        set_mutant_under_test(name)
        for item, following in _with_next(tests):
            signal.alarm(_LONGEST_TEST_SECONDS)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                break
        else:
            code = SURVIVED
    finally:
        os._exit(code)
