"""The tenants that are measured: devices with all the fields that Intune fills, some of them leavers'."""

from collections.abc import Iterator
from typing import Final

from emulators.graph.tenant import Device

LEAVERS: Final = 500
DEVICES: Final = 600
TENANT: Final = 20_000


def leaver(number: int) -> str:
    """Whoever leaves, by number."""
    return f"leaver{number}@contoso.example"


def devices(count: int, *, leavers: int = 0, theirs: int = 0) -> Iterator[Device]:
    """So many devices; the first `theirs` belong to `leavers` in turn, the others to people who stay."""
    for number in range(count):
        yield Device(
            id=f"7e8d0f4c-0000-4000-8000-{number:012}",
            serial_number=f"5CG{number:07}",
            user_principal_name=leaver(number % leavers) if number < theirs else f"stays{number}@contoso.example",
            addressable_user_name=f"Person Number {number}",
            group_tag="standard",
            managed_device_id=f"2e8d0f4c-0000-4000-8000-{number:012}",
            entra_device_id=f"1e8d0f4c-0000-4000-8000-{number:012}",
            model="Latitude 5440",
            manufacturer="Dell Inc.",
        )
