"""What each function of an app listens to: its bindings as the app declares them, names resolved from the settings.

Knows the binding JSON of function apps and the %NAME% notation. Refuses what this host does not do. Pure.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from devhost.worker import Function

_TIMER = "timerTrigger"
_SETTING = re.compile(r"%([^%]+)%")


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueTrigger:
    """One function, the queue that triggers it, and how.

    `auto_complete` is None where the app leaves it to host.json. `binary` is whether the body is handed over as bytes.
    """

    function: Function
    parameter: str
    queue: str
    connection: str
    auto_complete: bool | None
    binary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """One function that a timer triggers."""

    function: Function
    parameter: str


def timers(functions: Iterable[Function]) -> tuple[Timer, ...]:
    """The functions that a timer triggers, whatever their schedule."""
    found = ((function, [json.loads(raw) for raw in function.raw_bindings]) for function in functions)
    return tuple(
        Timer(function=function, parameter=bindings[0]["name"])
        for function, bindings in found
        if [binding.get("type") for binding in bindings] == [_TIMER]
    )


def queue_triggers(
    functions: Iterable[Function], environment: Mapping[str, str]
) -> tuple[tuple[QueueTrigger, ...], list[str]]:
    """Read every queue's trigger, and list every problem: what this host does not do, and settings that are missing."""
    problems: list[str] = []
    functions = tuple(functions)
    timed = {timer.function for timer in timers(functions)}
    triggers = [_trigger(function, environment, problems) for function in functions if function not in timed]
    return tuple(trigger for trigger in triggers if trigger is not None), problems


def _trigger(function: Function, environment: Mapping[str, str], problems: list[str]) -> QueueTrigger | None:
    bindings = [json.loads(raw) for raw in function.raw_bindings]
    refused = _refusal(bindings)
    if refused:
        problems.append(f"function {function.name}: {refused}")
        return None
    binding = bindings[0]
    return QueueTrigger(
        function=function,
        parameter=binding["name"],
        queue=_resolve(function.name, binding["queueName"], environment, problems),
        connection=_resolve(function.name, binding["connection"], environment, problems),
        auto_complete=binding.get("autoCompleteMessages"),
        binary=str(binding.get("dataType", "")).upper() == "BINARY",
    )


def _refusal(bindings: list[dict[str, Any]]) -> str | None:
    kinds = [str(binding.get("type")) for binding in bindings]
    if kinds != ["serviceBusTrigger"]:
        return f"this host runs Service Bus queue triggers without other bindings, not {', '.join(kinds) or 'none'}"
    binding = bindings[0]
    if not binding.get("queueName"):
        return "this host listens to queues, not to topics"
    if not binding.get("connection"):
        return "the trigger names no connection"
    if str(binding.get("cardinality", "ONE")).upper() != "ONE":
        return "this host hands over one message at a time (cardinality one), not batches"
    if binding.get("isSessionsEnabled"):
        return "this host does not do sessions"
    return None


def _resolve(function: str, name: str, environment: Mapping[str, str], problems: list[str]) -> str:
    def setting(match: re.Match[str]) -> str:
        value = environment.get(match[1], "")
        if not value:
            problems.append(f"function {function}: setting {match[1]} is missing (its trigger says {match[0]})")
        return value

    return _SETTING.sub(setting, name)
