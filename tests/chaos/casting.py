"""Who is in a story: from a kind to an event, its people and their devices. Always the same for a number, a kind and a chance."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING
from emulators.graph.tenant import Device
from tests.chaos.stories import CHANGES_NOTHING, PROTECTED, Kind, Story
from tests.e2e import people
from tests.e2e.people import Person

_DEVICES_OF_A_LEAVER: Final = {0: 40, 1: 35, 2: 17, 3: 8}


def story(number: int, kind: Kind, chance: random.Random, *, ahead: timedelta) -> tuple[Story, list[Device]]:
    """The event of a number, and the records of the devices that it names. `ahead` is the latest `effectiveAt`, from the begin."""
    count = 1
    if kind in (Kind.LEAVER, Kind.DRY_RUN, Kind.PROTECTED):
        (count,) = chance.choices(list(_DEVICES_OF_A_LEAVER), weights=list(_DEVICES_OF_A_LEAVER.values()))
    person = people.person(number, count)
    if kind is Kind.PROTECTED:
        person = replace(person, name=PROTECTED + person.name.casefold())
    records = list(people.devices(person))
    retires = kind in (Kind.RETIRED, Kind.SOMEBODY_ELSES) or (kind is Kind.GIVEN_ON and chance.random() < 0.5)
    asks = _retires(kind, person, records[0], chance) if retires else _offboards(kind, person, records)
    made = Story(
        kind=kind,
        event_id=f"m-{number:06}",
        queue=DEVICE_RETIREMENT if retires else USER_OFFBOARDING,
        asks=asks,
        devices=person.devices,
        about=frozenset() if kind in CHANGES_NOTHING else frozenset(_names(person, records)),
        ahead=chance.uniform(0.05, 1) * ahead if kind in (Kind.AHEAD, Kind.GIVEN_AWAY) else None,
    )
    return made, records


def _names(person: Person, records: Sequence[Device]) -> Iterator[str]:
    yield person.name.casefold()
    yield from ((record.user_principal_name or "").casefold() for record in records)


def _offboards(kind: Kind, person: Person, records: Sequence[Device]) -> Mapping[str, Any]:
    user: dict[str, Any] = {"userPrincipalName": person.name}
    if kind is Kind.FORMER_NAME:
        former = f"Former.{person.name}"
        records[0].user_principal_name = former
        user["previousUserPrincipalNames"] = [former]
    return {"user": user, "dryRun": kind is Kind.DRY_RUN}


def _retires(kind: Kind, person: Person, record: Device, chance: random.Random) -> Mapping[str, Any]:
    keys = {
        "autopilotDeviceId": record.id,
        "serialNumber": record.serial_number,
        "entraDeviceId": record.entra_device_id,
        "managedDeviceId": record.managed_device_id,
    }
    name = chance.choice(list(keys))
    asks: dict[str, Any] = {"device": {name: keys[name]}}
    if kind is Kind.SOMEBODY_ELSES:
        asks["assignedUserPrincipalName"] = f"not.{person.name}"
    elif chance.random() < 0.5:
        asks["assignedUserPrincipalName"] = person.name.upper()
    return asks
