"""A tenant file as somebody wrote it by hand: checked for its form, so that a mistake is told by its place in the file.

The form is `{"devices": [{"id": ...}], "users": [{"id": ..., "userPrincipalName": ...}]}`; the emulated Graph knows the rest.
"""

import json
from pathlib import Path
from typing import Any, Final

from emulators.graph import tenant as tenants
from emulators.graph.tenant import Tenant

_REQUIRED: Final = {"devices": ("id",), "users": ("id", "userPrincipalName")}
_FLAGS: Final = ("deleted",)


class NoTenant(Exception):
    """The file holds no tenant; the text says where and why."""


def load(path: Path) -> Tenant:
    """The tenant in the file. Raises NoTenant."""
    try:
        _check(json.loads(path.read_text(encoding="utf-8")))
        return tenants.load(path)
    except OSError as error:
        raise NoTenant(error.strerror or "it cannot be read") from error
    except (ValueError, RecursionError) as error:
        raise NoTenant(str(error)) from error


def _check(document: Any) -> None:
    if not isinstance(document, dict):
        raise NoTenant(f"$: must be an object with {' and '.join(_REQUIRED)}")
    if unknown := sorted(document.keys() - _REQUIRED.keys()):
        raise NoTenant(f"$: has {', '.join(map(repr, unknown))}, and may have {' and '.join(_REQUIRED)} only")
    for name, required in _REQUIRED.items():
        entries = document.get(name, [])
        if not isinstance(entries, list):
            raise NoTenant(f"$.{name}: must be an array")
        for position, entry in enumerate(entries):
            _check_entry(entry, f"$.{name}[{position}]", required)


def _check_entry(entry: Any, place: str, required: tuple[str, ...]) -> None:
    if not isinstance(entry, dict):
        raise NoTenant(f"{place}: must be an object")
    for name in required:
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise NoTenant(f"{place}.{name}: must be a text, and not an empty one")
    for name, value in entry.items():
        if name in _FLAGS and not isinstance(value, bool):
            raise NoTenant(f"{place}.{name}: must be true or false")
        if name not in _FLAGS and not isinstance(value, str | None):
            raise NoTenant(f"{place}.{name}: must be a text or null")
