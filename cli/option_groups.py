"""Options that belong together as one dataclass: a command takes it as one parameter, Typer sees each option."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any


def opened(command: Callable[..., None]) -> Callable[..., None]:
    """The command, its parameters that are dataclasses replaced by their fields, which are annotated as options."""
    parameters = inspect.signature(command, eval_str=True).parameters.values()
    groups: dict[str, Any] = {
        each.name: each.annotation for each in parameters if dataclasses.is_dataclass(each.annotation)
    }

    @functools.wraps(command)
    def with_options(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{field.name: given.pop(field.name) for field in dataclasses.fields(group)})
        command(**given)

    shown = [option for each in parameters for option in _options(each, groups.get(each.name))]
    with_options.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]  # inspect reads it, types do not know it
    with_options.__annotations__ = {option.name: option.annotation for option in shown}
    return with_options


def _options(parameter: inspect.Parameter, group: Any) -> list[inspect.Parameter]:
    if group is None:
        return [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
    return list(inspect.signature(group, eval_str=True).parameters.values())
