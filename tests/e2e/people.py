"""The tenants of the end-to-end tests: people with devices, all named so that a log line about any of them would show."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from emulators.graph.tenant import Device, Tenant, User

PRIVATE: Final = "geheim"
"""Part of every name, serial number and free text that a test uses: no log may hold it, in any case."""
SUCCESSOR: Final = f"successor@{PRIVATE}.example"
SINGLES: Final = 150
TRIOS: Final = 10


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the tenant, and the Autopilot ids of their devices."""

    name: str
    devices: tuple[str, ...]
    user_object_id: str

    @property
    def device(self) -> str:
        """The id of the only device."""
        (only,) = self.devices
        return only


def person(number: int, devices: int = 1) -> Person:
    """Always the same for a number and a count."""
    ids = tuple(f"{devices:08}-0000-4000-8000-{number:08}{index:04}" for index in range(devices))
    return Person(f"Person.{number}.With.{devices}@{PRIVATE}.example", ids, f"0000aaaa-0000-4000-8000-{number:012}")


def devices(owner: Person) -> Iterator[Device]:
    """The records of somebody's devices; all other keys follow from the id."""
    for each in owner.devices:
        yield Device(
            id=each,
            serial_number=serial_number(each),
            user_principal_name=owner.name,
            addressable_user_name=f"Mx {PRIVATE}",
            entra_device_id=entra_device_id(each),
            managed_device_id=managed_device_id(each),
        )


def serial_number(device: str) -> str:
    return f"SN-{PRIVATE}-{device[:8]}{device[-12:]}".upper()


def entra_device_id(device: str) -> str:
    return f"e{device[1:]}"


def managed_device_id(device: str) -> str:
    return f"d{device[1:]}"


def tenant() -> Tenant:
    """Many people with one device each, some with three."""
    everybody = [person(number) for number in range(SINGLES)] + [person(number, 3) for number in range(TRIOS)]
    users = [User(id=each.user_object_id, user_principal_name=each.name) for each in everybody[:SINGLES]]
    return Tenant(itertools.chain.from_iterable(devices(each) for each in everybody), users)


class Pool:
    """Hands out each person of the tenant once."""

    def __init__(self) -> None:
        self._numbers = {1: iter(range(SINGLES)), 3: iter(range(TRIOS))}

    def take(self, devices: int = 1) -> Person:
        """Somebody whom no test has had yet."""
        return person(next(self._numbers[devices]), devices)
