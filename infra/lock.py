"""requirements.lock: each library's one version and the hashes of its files, and which of them the deployed service loads.

The lock is everything for development; what is deployed is what requirements.txt names and what those need in turn, as the
installed libraries say.
"""

import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT: Final = Path(__file__).parents[1]
_PIN: Final = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<rest>(?: *\\\n +--hash=sha256:[0-9a-f]{64})*)$", re.MULTILINE
)
_HASH: Final = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Locked:
    """One library: the name as it is written, its version, and the SHA-256 of each of its files, of which a machine takes one."""

    name: str
    version: str
    hashes: Sequence[str]


def key(name: str) -> NormalizedName:
    """A library's name as it is compared."""
    return canonicalize_name(name)


def read(path: Path = ROOT / "requirements.lock") -> Mapping[NormalizedName, Locked]:
    """All that a lock file pins."""
    pins = _PIN.finditer(path.read_text(encoding="utf-8"))
    locked = (Locked(pin["name"], pin["version"], _HASH.findall(pin["rest"])) for pin in pins)
    return {key(each.name): each for each in locked}


def named(path: Path = ROOT / "requirements.txt") -> Sequence[Requirement]:
    """What a file of requirements names, comments aside."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def needs(requirement: Requirement) -> Iterator[Requirement]:
    """What an installed library needs on this platform, with the extras that are asked of it."""
    for text in importlib.metadata.requires(requirement.name) or ():
        needed = Requirement(text)
        extras = requirement.extras or {""}
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
            yield needed


def deployed() -> Mapping[NormalizedName, Sequence[NormalizedName]]:
    """Each library that the deployed service has, with those that it needs itself."""
    found: dict[NormalizedName, set[NormalizedName]] = {}
    seen: set[str] = set()
    waiting = list(named())
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        needed = list(needs(requirement))
        found.setdefault(key(requirement.name), set()).update(key(each.name) for each in needed)
        waiting += needed
    return {name: sorted(found[name]) for name in sorted(found)}
