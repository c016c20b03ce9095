"""Whether Python and the libraries are those that the service was tested with."""

import importlib.metadata
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from packaging.requirements import Requirement

from cli.doctor import findings
from cli.doctor.findings import Finding

_CHECK: Final = "versions"
PYTHON: Final = (3, 13)


def check() -> Sequence[Finding]:
    """One line if all is as it was tested, else one for each that is not."""
    requirements = importlib.metadata.requires("autopilot-offboarding") or []
    return judged(sys.version_info[:2], requirements)


def judged(python: tuple[int, ...], requirements: Sequence[str]) -> Sequence[Finding]:
    """The lines for this Python, and for what is installed of these requirements."""
    wrong = [*_python(python), *_libraries(requirements)]
    version = importlib.metadata.version("autopilot-offboarding")
    return wrong or [
        findings.ok(_CHECK, f"offboard {version}, Python {'.'.join(map(str, python))}, libraries as pinned")
    ]


def _python(python: tuple[int, ...]) -> Iterator[Finding]:
    if python != PYTHON:
        wanted, found = (".".join(map(str, each)) for each in (PYTHON, python))
        yield findings.fail(_CHECK, f"Python is {found}", f"run it on Python {wanted}")


def _libraries(requirements: Sequence[str]) -> Iterator[Finding]:
    for each in map(Requirement, requirements):
        try:
            found = importlib.metadata.version(each.name)
        except importlib.metadata.PackageNotFoundError:
            yield findings.fail(_CHECK, f"{each.name} is not installed", "pip install -r requirements.txt")
            continue
        if not each.specifier.contains(found, prereleases=True):
            yield findings.warn(
                _CHECK, f"{each.name} is {found}; tested with {each.specifier}", "pip install -r requirements.txt"
            )
