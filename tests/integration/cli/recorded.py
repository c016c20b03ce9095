"""A journal as the service writes it, for the commands that read it."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.demo.tenant import identifier, user
from emulators.graph.tenant import Tenant
from shared.domain.acts import Act
from shared.domain.device import AutopilotDevice
from shared.domain.history import Entry, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId, SerialNumber, UserPrincipalName
from shared.journal.sqlite import SqliteJournal
from shared.messaging.conclusion import Conclusion
from shared.messaging.settlement import Complete
from tests import builders

LONG_AGO = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


def before(tenant: Tenant, name: str) -> AutopilotDevice:
    """A device of the sample tenant as a record names it."""
    device = tenant.devices[identifier(name)]
    return AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId(device.id),
        serial_number=SerialNumber(device.serial_number or ""),
        user_principal_name=UserPrincipalName(device.user_principal_name or user("lee.gu")),
        addressable_user_name="Lee",
    )


def unassigned(device: AutopilotDevice, event: str = "user.offboarded:HR-1", **fields: object) -> Sequence[Entry]:
    """What an event writes that unassigns a device."""
    entry = builders.entry(Step.INTENT, device, at=LONG_AGO, event_id=EventId(event), **fields)
    return entry, replace(entry, step=Step.ACCEPTED, at=LONG_AGO + timedelta(seconds=1))


def ended(event: str, **data: object) -> Conclusion:
    """How an event's first live run ended: what its outcome event says goes by `data`, `fingerprint` is the contents'.

    `at` is LONG_AGO where the test says nothing else.
    """
    fields: dict[str, Any] = {"fingerprint": "f1", "settlement": Complete(), "dry_run": False, "at": LONG_AGO}
    fields |= {name: data.pop(name) for name in list(fields) if name in data}
    document = json.dumps({"data": {"outcome": "noDevices", "devices": [], **data}})
    return Conclusion(event_id=EventId(event), run=0, document=document, **fields)


def write(path: Path, *rows: Entry | Conclusion | Act) -> None:
    """Write a journal file."""

    async def written() -> None:
        journal = SqliteJournal(path)
        for row in rows:
            match row:
                case Entry():
                    await journal.append(row)
                case Conclusion():
                    await journal.conclude(row)
                case Act():
                    await journal.note(row)
        await journal.close()

    asyncio.run(written())
