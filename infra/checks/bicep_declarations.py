"""What a Bicep file can declare, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.checks.bicep_values import Node, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; `default` is its text, None where it must be given; `allowed` is None where any value is."""

    name: str
    type: str
    default: str | None
    description: str
    allowed: Sequence[Value] | None
    secure: bool
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a file puts out."""

    name: str
    value: Value
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource, or a module, whose type is its path.

    `body` is without its `for` and `if`: `over` is what the one is over, `condition` what the other asks, empty if there is none.
    """

    symbol: str
    type: str
    version: str
    existing: bool
    body: dict[str, Any]
    over: str
    condition: str
    line: int


@dataclass(slots=True)
class Document:
    """All that a file declares, by name."""

    path: Path
    root: Node
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: dict[str, Value] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    modules: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """What expressions may refer to."""
        return {*self.parameters, *self.variables, *self.resources, *self.modules, *self.imported}
