"""Wrong ways of working, kept to see each of them caught. What the service must never become; nothing else uses them."""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from shared import ports
from shared.domain import events
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.errors import GraphRequestRejected, GraphThrottled, GraphUnavailable
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber
from shared.following_up import FollowUps
from shared.graph.response import Response
from shared.handlers import Handled, Handlers
from shared.messaging import copies, settlement
from shared.messaging.incoming import IncomingMessage
from shared.messaging.settlement import LastSettlement
from shared.processor import Processor
from shared.progress import Progress, now
from shared.recording import Run
from tests.graph_values import Asked
from tests.proof import unguarded
from tests.proof.graph import Client, Devices
from tests.proof.process import Plant, same


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


class LeavesUnsettled(Processor):
    """Leaves the original to its lock once its copy is durable, which burns a delivery."""

    async def _apply(self, message: IncomingMessage, decision: settlement.Settlement) -> None:
        if isinstance(decision, settlement.DelayedRetry):
            await self.settler.schedule(copies.schedule(message, decision, now=now(self.clock, message)))
            return
        await super()._apply(message, decision)


class LooksAtNoDeadLetter(FollowUps):
    """Loses the look at a dead letter, as who dies between its end and the look that is scheduled after it."""

    async def after_a_run(self, progress: Progress, decision: LastSettlement) -> None:
        if not isinstance(decision, settlement.DeadLetter):
            await super().after_a_run(progress, decision)


class LooksWithoutSearching(Handlers):
    """Reads back what the run saw, and no list."""

    async def verify_unassignment(
        self, event: events.Event, run: Run, *, search: bool, only_changed: bool, act: bool
    ) -> Handled:
        return await super().verify_unassignment(event, run, search=False, only_changed=only_changed, act=act)


class TakesThrottlingForRefusal:
    """Takes 429 for a refusal, as any other 4xx."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        return await _refusing(self._devices.get(device))

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        await _refusing(self._devices.unassign(device, action))

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        return await _refusing(self._devices.with_serial_number(serial_number, trusted=trusted))

    async def directory(self, *, trusted: bool = False) -> Directory:
        return await _refusing(self._devices.directory(trusted=trusted))


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


def processor[P: Processor](kind: type[P]) -> Plant:
    """A processor of that kind in place of the real one."""

    def other(processor: Processor) -> Processor:
        return same(processor, kind)

    return Plant(processor=other)


async def _refusing[T](answer: Awaitable[T]) -> T:
    try:
        return await answer
    except GraphThrottled as error:
        raise GraphRequestRejected(str(error)) from error


def _without_the_look(processor: Processor) -> Processor:
    return replace(processor, follow_ups=same(processor.follow_ups, LooksAtNoDeadLetter))


def _without_the_search(processor: Processor) -> Processor:
    looks = processor.verifications
    return replace(processor, verifications=replace(looks, handlers=same(looks.handlers, LooksWithoutSearching)))


def _trusting(devices: Devices) -> ports.AutopilotDevices:
    return TrustsTheList(devices)


@dataclass(frozen=True, slots=True)
class Planted:
    """A wrong way, the invariant that must find it, and a scenario whose single faults do."""

    plant: Plant
    invariant: str
    scenario: str = "leaver"


PLANTS: Final = {
    "completes before the copy is scheduled": Planted(processor(CompletesFirst), "no loss"),
    "posts without a fresh read": Planted(Plant(devices=_trusting), "fresh read"),
    "sends what is unanswered again": Planted(Plant(client=SendsAgain), "asked for"),
    "retries by the delivery count": Planted(processor(CountsDeliveries), "no burnt delivery"),
    "leaves the original unsettled": Planted(processor(LeavesUnsettled), "no burnt delivery"),
    "takes throttling for a refusal": Planted(Plant(devices=TakesThrottlingForRefusal), "called for"),
    "looks at no dead letter": Planted(Plant(processor=_without_the_look), "no loss: the look", "one-rejected"),
    "protects nobody": Planted(unguarded.PROTECTS_NOBODY, "guarded", "refused"),
    "counts no device of an hour": Planted(unguarded.COUNTS_NO_DEVICE, "guarded", "too-many-in-an-hour"),
    "believes that it was released": Planted(unguarded.BELIEVES_THE_MESSAGE, "guarded", "as-if-released"),
}
"""What each of the three kinds of search must find."""
OF_SCENARIOS: Final = {
    "asks about the leaver alone": Planted(unguarded.ASKS_ABOUT_THE_LEAVER_ALONE, "guarded", "retired-protected"),
    "looks without searching": Planted(Plant(processor=_without_the_search), "done", "one-more-later"),
}
"""What only a scenario shows."""
