"""Which Autopilot devices somebody names: ids as arguments, or on standard input as lines or as JSON. Knows no Graph.

JSON is an object with the id, as the PowerShell cmdlet takes one, an array of such objects or ids, or a page of Graph's list;
one document or several. A page that another follows is refused: it looks like all of them, and is not.
Property names are read without regard to case: PowerShell writes `Id`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from shared.domain.identifiers import AutopilotDeviceId, unique

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_KEYS: Final = ("windowsautopilotdeviceidentityid", "id")
_DECODER: Final = json.JSONDecoder()
_SPACE: Final = re.compile(r"\s*")
_LINE: Final = re.compile(r"[^\r\n]*")


class NoIds(Exception):
    """No ids can be read; the text names the place and the mend, and quotes nothing."""


def from_arguments(arguments: Sequence[str]) -> Sequence[AutopilotDeviceId]:
    """Each id once, in their order. Raises NoIds."""
    return unique([_checked(each, f"argument {number}") for number, each in enumerate(arguments, 1)])


def from_text(content: bytes) -> Sequence[AutopilotDeviceId]:
    """Each id once, in their order. Raises NoIds, also if there are none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NoIds("standard input is not UTF-8: give one id on each line, or JSON") from None
    found = unique(list(_read(text)))
    if not found:
        raise NoIds("no device is named: give AUTOPILOT_DEVICE_ID, or ids on standard input, one a line or as JSON")
    return found


def _read(text: str) -> Iterator[AutopilotDeviceId]:
    position = _after(_SPACE, text, 0)
    while position < len(text):
        place = f"line {text.count('\n', 0, position) + 1}"
        if text[position] in "[{":
            try:
                document, position = _DECODER.raw_decode(text, position)
            except (ValueError, RecursionError):
                raise NoIds(f"{place} begins like JSON, and is none: give an object, or an array of them") from None
            yield from _of(document, place)
        else:
            end = _after(_LINE, text, position)
            yield _checked(text[position:end], place)
            position = end
        position = _after(_SPACE, text, position)


def _of(document: Any, place: str) -> Iterator[AutopilotDeviceId]:
    if isinstance(document, list):
        for number, each in enumerate(document, 1):
            yield from _of(each, f"{place}, entry {number}")
    elif isinstance(document, dict):
        named = {str(name).lower(): value for name, value in document.items()}
        if named.get("@odata.nextlink"):
            raise NoIds(
                f"{place} is one page of a list that has more (@odata.nextLink): give them all, or the page's value alone"
            )
        if isinstance(named.get("value"), list):
            yield from _of(named["value"], place)
        else:
            yield _checked(next((named[key] for key in _KEYS if named.get(key) is not None), None), place)
    else:
        yield _checked(document, place)


def _checked(value: Any, place: str) -> AutopilotDeviceId:
    if value is None:
        raise NoIds(f"{place} has no id: give windowsAutopilotDeviceIdentityId or id")
    text = value.strip() if isinstance(value, str) else ""
    if not _GUID.fullmatch(text):
        raise NoIds(f"{place} is no Autopilot device id: give the id of a windowsAutopilotDeviceIdentity, a GUID")
    return AutopilotDeviceId(text)


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
