"""The demo's tables: what came of each message, and of each device; and what of it a narrow terminal has room for."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.table import Table

from cli import output
from cli.demo import tenant
from cli.demo.watching import Seen

_ROOMY: Final = 130
"""Columns of a terminal in which every row fits on one line."""
_COLUMNS: Final = ("message", "settlement", "outcome", "attempt", "what it shows")
_COLUMNS_WHERE_NARROW: Final = ("message", "settlement", "attempt", "what it shows")
_COLUMNS_WHILE_NARROW: Final = ("message", "settlement", "outcome", "attempt")


def messages(seen: Sequence[Seen], width: int) -> Table:
    """A row for each message; each column in full, or without the outcome, which its devices tell, where that is too wide."""
    return _messages(seen, _COLUMNS if width >= _ROOMY else _COLUMNS_WHERE_NARROW)


def messages_so_far(seen: Sequence[Seen], width: int) -> Table:
    """The same while it works: a line each, so that the table does not outgrow the terminal."""
    return _messages(seen, _COLUMNS if width >= _ROOMY else _COLUMNS_WHILE_NARROW)


def devices(seen: Sequence[Seen], width: int) -> Table:
    """A row for each device of each message."""
    names = {tenant.identifier(name): name for name in _device_names()}
    rows = [
        {
            "message": each.step.message_id,
            "device": names.get(line["autopilotDeviceId"], line["autopilotDeviceId"]),
            "named before": _user(line, domain=width >= _ROOMY),
            "outcome": line["outcome"],
        }
        for each in seen
        for line in (each.data or {}).get("devices", [])
    ]
    return output.tabulated(["message", "outcome", "device", "named before"], rows)


def _messages(seen: Sequence[Seen], columns: Sequence[str]) -> Table:
    rows = [
        {
            "message": each.step.message_id,
            "what it shows": each.step.name,
            "settlement": each.settlement or ("waiting" if each.copies else "..."),
            "outcome": (each.data or {}).get("outcome"),
            "attempt": (each.data or {}).get("attempt"),
        }
        for each in seen
    ]
    return output.tabulated(columns, rows)


def _user(line: Mapping[str, Any], *, domain: bool) -> str:
    """Whom the record named before; its domain says nothing here, as it is everybody's."""
    name = str((line["before"] or {}).get("userPrincipalName") or "")
    return name if domain else name.removesuffix(f"@{tenant.DOMAIN}")


def _device_names() -> list[str]:
    return [device.display_name or "" for device in tenant.build().devices.values()] + ["nowhere"]
