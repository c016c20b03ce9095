"""Whom this process tries to reach, whatever in it does: connections and names that are looked up, as CPython audits them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_CONNECTS: Final = frozenset({"socket.connect", "socket.sendto"})
_LOOKS_UP: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})
_watching: Final[list[set[str]]] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook is there for as long as the process: it must do next to nothing while nobody watches."""
    if not _watching or event not in _CONNECTS | _LOOKS_UP:
        return
    if event in _LOOKS_UP:
        where = f"{arguments[0]}:{arguments[1]}" if len(arguments) > 1 else str(arguments[0])
    else:
        address = arguments[1]
        where = f"{address[0]}:{address[1]}" if isinstance(address, tuple) else str(address)
    for each in _watching:
        each.add(where)


sys.addaudithook(_hook)


@contextmanager
def watched() -> Iterator[set[str]]:
    """`host:port` of everything that is tried meanwhile."""
    found: set[str] = set()
    _watching.append(found)
    try:
        yield found
    finally:
        _watching.remove(found)
