"""Wrong ways of working, kept to see each of them caught. What the service must never become; nothing else uses them."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Final

from shared import ports
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.errors import GraphUnavailable
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber
from shared.graph.response import Response
from shared.messaging import copies, settlement
from shared.messaging.incoming import IncomingMessage
from shared.processor import Processor
from shared.progress import now
from tests.graph_values import Asked
from tests.proof.graph import Client, Devices
from tests.proof.process import Plant


class CompletesFirst(Processor):
    """Completes the original before its copy is durable."""

    async def _apply(self, message: IncomingMessage, decision: settlement.Settlement) -> None:
        if not isinstance(decision, settlement.DelayedRetry | settlement.PutOff):
            await super()._apply(message, decision)
            return
        await self.settler.settle(message, settlement.Complete())
        await self.settler.schedule(copies.schedule(message, decision, now=now(self.clock, message)))


class CountsDeliveries(Processor):
    """Retries by giving the message back, which burns its delivery count."""

    async def _apply(self, message: IncomingMessage, decision: settlement.Settlement) -> None:
        retried = isinstance(decision, settlement.DelayedRetry)
        await super()._apply(message, settlement.Abandon() if retried else decision)


class TrustsTheList:
    """Takes the record from the list, or as it last saw it, where it should be read by id."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._seen: dict[AutopilotDeviceId, AutopilotDevice] = {}

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        return self._seen.get(device) or await self._devices.get(device)

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        self._seen.pop(device, None)
        await self._devices.unassign(device, action)

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        found = await self._devices.with_serial_number(serial_number, trusted=trusted)
        self._seen |= {each.autopilot_device_id: each for each in found}
        return found

    async def directory(self, *, trusted: bool = False) -> Directory:
        directory = await self._devices.directory(trusted=trusted)
        self._seen |= {each.autopilot_device_id: each for each in directory.devices}
        return directory


class SendsAgain(Client):
    """Sends once more what got no answer, as HTTP libraries do by themselves; it may have taken effect."""

    async def exchange(self, asked: Asked, send_by: datetime | None = None) -> Response:
        try:
            return await super().exchange(asked, send_by)
        except GraphUnavailable:
            return await super().exchange(asked)


def _as[P: Processor](kind: type[P]) -> Plant:
    def other(processor: Processor) -> Processor:
        return kind(**{each.name: getattr(processor, each.name) for each in fields(Processor)})

    return Plant(processor=other)


def _trusting(devices: Devices) -> ports.AutopilotDevices:
    return TrustsTheList(devices)


PLANTS: Final = {
    "completes before the copy is scheduled": (_as(CompletesFirst), "no loss"),
    "posts without a fresh read": (Plant(devices=_trusting), "fresh read"),
    "sends what is unanswered again": (Plant(client=SendsAgain), "asked for"),
    "retries by the delivery count": (_as(CountsDeliveries), "no burnt delivery"),
}
"""Each with the invariant that must find it."""
