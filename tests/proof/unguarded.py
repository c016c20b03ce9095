"""Wrong ways of working that go past a guard, kept to see each of them caught. Nothing else uses them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from shared.domain import events
from shared.domain.guard import Guard
from shared.handlers import Handled, Handlers
from shared.messaging import settlement
from shared.processor import Processor
from shared.progress import Progress
from shared.recording import Run
from shared.running import Runs
from tests.proof.process import Plant, same

_NO_GUARD: Final = Guard(max_devices_per_user=1_000)


class BelievesTheMessage(Runs):
    """Takes a run for released whose message names an override, whatever is on record."""

    async def _handle(self, event: events.Event, progress: Progress) -> settlement.Settlement:
        released = progress.message.override is not None
        handlers = same(self.handlers, TakesAllForReleased) if released else self.handlers
        return await same(replace(self, handlers=handlers), Runs)._handle(event, progress)


class TakesAllForReleased(Handlers):
    """Takes each run for one that was released."""

    async def unassign_for_offboarded_user(self, event: events.UserOffboarded, run: Run) -> Handled:
        return await super().unassign_for_offboarded_user(event, replace(run, released=True))

    async def unassign_for_retired_device(self, event: events.DeviceRetired, run: Run) -> Handled:
        return await super().unassign_for_retired_device(event, replace(run, released=True))


def _protects_nobody(handlers: Handlers) -> Handlers:
    unassigner = handlers.unassigner
    return replace(
        handlers,
        resolver=replace(handlers.resolver, guard=_NO_GUARD),
        unassigner=replace(unassigner, guards=replace(unassigner.guards, guard=_NO_GUARD)),
    )


def _asks_about_the_leaver_alone(handlers: Handlers) -> Handlers:
    unassigner = handlers.unassigner
    guard = replace(unassigner.guards.guard, protected_users=())
    return replace(handlers, unassigner=replace(unassigner, guards=replace(unassigner.guards, guard=guard)))


def _counts_no_device(handlers: Handlers) -> Handlers:
    return replace(handlers, live=None)


def _with(change: Callable[[Handlers], Handlers]) -> Plant:
    """A processor whose runs have other handlers."""

    def other(processor: Processor) -> Processor:
        return replace(processor, runs=replace(processor.runs, handlers=change(processor.runs.handlers)))

    return Plant(processor=other)


def _believing(processor: Processor) -> Processor:
    return replace(processor, runs=same(processor.runs, BelievesTheMessage))


PROTECTS_NOBODY: Final = _with(_protects_nobody)
ASKS_ABOUT_THE_LEAVER_ALONE: Final = _with(_asks_about_the_leaver_alone)
COUNTS_NO_DEVICE: Final = _with(_counts_no_device)
BELIEVES_THE_MESSAGE: Final = Plant(processor=_believing)
