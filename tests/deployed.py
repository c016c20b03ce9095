"""What a deployment brings: the libraries that requirements.txt leads to, and a finder that lets nothing else be imported."""

import functools
import importlib.metadata
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


@functools.cache
def libraries(requirements: str) -> frozenset[str]:
    """The top-level modules that the text of a requirements file brings, with all that these libraries require themselves."""
    lines = (line.partition("#")[0].strip() for line in requirements.splitlines())
    brought = _closure(Requirement(line) for line in lines if line)
    owners = importlib.metadata.packages_distributions()
    return frozenset(
        module for module, names in owners.items() if any(canonicalize_name(name) in brought for name in names)
    )


def _closure(wanted: Iterable[Requirement]) -> set[str]:
    """The canonical names of the distributions that are installed for these requirements."""
    seen: set[tuple[str, str]] = set()
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                waiting += _required(name, extra)
    return {name for name, _ in seen}


def _required(name: str, extra: str) -> Iterator[Requirement]:
    for text in importlib.metadata.requires(name) or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


class NothingElse(MetaPathFinder):
    """Refuses every module but those of Python itself and those that begin with one of these names."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self._allowed = allowed | sys.stdlib_module_names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in self._allowed or fullname.startswith("_sysconfigdata"):
            return None  # whoever comes next finds it
        raise ModuleNotFoundError(f"{fullname} is not deployed", name=fullname)
