"""A Graph without `$batch`: everything is asked singly, and nothing is lost for it."""

import asyncio

import pytest

from emulators.graph.faults import BATCH, Status, When
from emulators.graph.tenant import Device
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from tests.integration.graph.conftest import Start


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_reads_and_writes_go_singly_where_there_are_no_batches(start: Start, status: int) -> None:
    ids = [AutopilotDeviceId(f"d{n}") for n in range(8)]
    site = await start(*(Device(id=each, user_principal_name="anna@contoso.example") for each in ids))
    site.graph.faults.add(When(path=BATCH), Status(status))

    found = await asyncio.gather(*(site.devices.get(each) for each in ids))
    await asyncio.gather(*(site.devices.unassign(each, Action.UNASSIGN_USER) for each in ids))

    assert [device.autopilot_device_id for device in found if device] == ids
    assert not any(device.user_principal_name for device in site.graph.tenant.devices.values())
