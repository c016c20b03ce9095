"""JSON as the contract means it: UTF-8, one value for each key, finite numbers, text that can be written again.

`json.loads` alone accepts UTF-16, NaN, repeated keys and lone surrogates, and raises RecursionError on deep nesting
and ValueError on integers of thousands of digits. Here each ends as a value or as InvalidMessage with a JSON path.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from shared.domain.errors import InvalidMessage

MAX_BYTES: Final = 192 * 1024
"""A copy with its properties must still fit a Standard message of 256 KiB."""
MAX_DEPTH: Final = 32
MAX_DIGITS: Final = 20

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CONTRACT_KEYS: Final = """
    actions assignedUserPrincipalName autopilotDeviceId data device dryRun effectiveAt entraDeviceId eventId id managedDeviceId
    occurredAt previousUserPrincipalNames reason requestedBy resourceAccountName serialNumber source specversion ticket type user
    userPrincipalName
"""

_END: Final[tuple[Any, Any]] = ("", ...)

type Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Stands in the parsed value for what JSON may not hold here, so that the walk can name its path."""

    problem: str


def loads(body: bytes) -> dict[str, Any]:
    """The object in a body. Raises InvalidMessage with the path of the first flaw; a byte order mark is read over."""
    if len(body) > MAX_BYTES:
        raise InvalidMessage("$", f"the body has {len(body)} bytes; at most {MAX_BYTES} are allowed")
    value = _parse(_text(body))
    flaw = _first_flaw(value)
    if flaw is not None:
        path, problem = flaw
        raise InvalidMessage(render(path), problem)
    if not isinstance(value, dict):
        raise InvalidMessage("$", "must be a JSON object")
    return value


def render(path: Path) -> str:
    """A path such as `$.user.id` or `$.actions[0]`. Keys not of the contract, which could be anybody's name, are shown as `*`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{_shown(step)}" for step in path)


def bare(key: str) -> str:
    """A key without what a mistyped one may differ in: case, spaces, `_` and `-`."""
    return "".join(key.split()).replace("_", "").replace("-", "").casefold()


_SHOWN: Final = frozenset(map(bare, _CONTRACT_KEYS.split()))


def _shown(key: str) -> str:
    return key if bare(key) in _SHOWN else "*"


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidMessage("$", f"must be UTF-8; the byte at offset {error.start} is not") from None


def _parse(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=lambda name: _Flaw(f"{name} is not a JSON number"),
            parse_int=_integer,
            parse_float=_number,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidMessage("$", f"must be JSON; it breaks at {where}") from None
    except RecursionError:
        raise InvalidMessage("$", f"is nested more than {MAX_DEPTH} deep") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in pairs:
        result[key] = _Flaw("the key is given twice") if key in result else value
    return result


def _integer(digits: str) -> int | _Flaw:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        return _Flaw(f"the number has more than {MAX_DIGITS} digits")
    return int(digits)


def _number(digits: str) -> float | _Flaw:
    number = float(digits)
    return number if abs(number) != float("inf") else _Flaw("the number is too large")


def _first_flaw(value: Any) -> tuple[Path, str] | None:
    """The first item that JSON may not hold here, with its path; depth first, without recursion, in one pass."""
    path: list[str | int] = [""]  # the first step stands for the value as a whole
    levels: list[Iterator[tuple[str | int, Any]]] = [iter([("", value)])]
    while levels:
        path[-1], item = next(levels[-1], _END)
        if item is ...:  # no JSON value is an Ellipsis
            levels.pop()
            path.pop()
            continue
        problem = _problem(len(path) - 1, path[-1], item)
        if problem is not None:
            return tuple(path[1:]), problem
        if isinstance(item, dict):
            levels.append(iter(item.items()))
            path.append("")
        elif isinstance(item, list):
            levels.append(iter(enumerate(item)))
            path.append(0)
    return None


def _problem(depth: int, key: str | int, item: Any) -> str | None:
    if isinstance(item, _Flaw):
        return item.problem
    if depth > MAX_DEPTH:
        return f"is nested more than {MAX_DEPTH} deep"
    if isinstance(item, str) and _SURROGATE.search(item):
        return "holds half of a surrogate pair, which is no text"
    if isinstance(key, str) and _SURROGATE.search(key):
        return "the key holds half of a surrogate pair, which is no text"
    return None
