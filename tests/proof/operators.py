"""The operator who undoes an event: the real undo, between two steps of the service. Knows the tenant and the journal only."""

from shared import ports
from shared.domain import restoring
from shared.domain.device import AutopilotDevice
from shared.domain.identifiers import AutopilotDeviceId, EventId, UserPrincipalName
from shared.domain.restoring import Restoration
from shared.undoing import Order, Undoing
from tests import builders
from tests.proof.outside import Outside, at_once


def undo(outside: Outside, event: str, act_id: str) -> None:
    """Undo an event, if it did anything."""
    at_once(_undo(outside, EventId(event), act_id))


async def _undo(outside: Outside, event: EventId, act_id: str) -> None:
    record = await outside.journal.read(event)
    formers = restoring.undoable(record.history)
    if not formers:
        return
    at_hand = _AtHand(outside)
    undoing = Undoing(
        devices=at_hand,  # type: ignore[arg-type]  # as far as an undo asks
        assignments=at_hand,
        journal=outside.journal,
        clock=outside.clock,
        permits=ports.NoLimit(),
        verify_after=builders.RULES.verify_after,
    )
    order = Order(event_id=event, act_id=act_id, operator="Grace", reason="asked")
    for line in await undoing.undo(order, formers, record):
        if line.result is Restoration.ALREADY_ASSIGNED:
            outside.tenant.kept[line.former.autopilot_device_id].add(line.former.user_principal_name)


class _AtHand:
    """Of ports.AutopilotDevices and ports.Assignments what an undo asks, at once."""

    def __init__(self, outside: Outside) -> None:
        self._tenant = outside.tenant

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        return builders.device(device, self._tenant.user_of(device))

    async def assign_user(
        self, device: AutopilotDeviceId, user_principal_name: UserPrincipalName, addressable_user_name: str | None
    ) -> None:
        self._tenant.restore(device, user_principal_name)
