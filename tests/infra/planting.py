"""A fault that is planted in a copy of infra/, and the problem that a check then names."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.infra.conftest import available

MAIN: Final = "main.bicep"
PARAMETERS: Final = "main.parameters.json"
SERVICE_BUS: Final = "modules/service-bus.bicep"
APP: Final = "modules/function-app.bicep"
STORAGE: Final = "modules/storage.bicep"
MONITORING: Final = "modules/monitoring.bicep"
SETTINGS: Final = "modules/settings.bicep"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """In `file`, `good` becomes `bad`; `check` then says `problem`."""

    check: Callable[[Path], list[str]]
    file: str
    good: str
    bad: str
    problem: str


def found(fault: Fault, infra: Path) -> list[str]:
    """The problems that name this fault, once it is planted."""
    file = infra / fault.file
    text = file.read_text(encoding="utf-8")
    assert fault.good in text, "the fault no longer fits its file"
    file.write_text(text.replace(fault.good, fault.bad, 1), encoding="utf-8")
    return [problem for problem in available(fault.check)(infra) if fault.problem in problem]
