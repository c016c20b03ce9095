"""What an attempt writes into the journal about its devices, and what it does where the journal does not take it.

Knows entries and when they are written; decides nothing about devices.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared import ports
from shared.blast_radius import Allowance
from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.errors import JournalUnavailable
from shared.domain.events import Action
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId, folded

type _Key = tuple[EventId, str, Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt of one run of an event, and what the journal held of the event when the attempt began.

    `event_at` is the moment from which the event's age counts (UTC). `released` tells that an operator released the guards.
    `written` gathers what this attempt adds to the journal. Without an `allowance` nobody counts the devices.
    """

    event_id: EventId
    number: int
    attempt: int
    dry_run: bool
    history: History
    event_at: datetime
    fingerprint: str = ""
    released: bool = False
    booking: ports.Booking = field(default_factory=ports.Booking)
    allowance: Allowance | None = None
    written: list[Entry] = field(default_factory=list)


class Recorder:
    """Writes entries. An accepted POST that the journal did not take is remembered here, and written at the next attempt."""

    def __init__(self, journal: ports.Journal, clock: ports.Clock, *, verify_after: timedelta) -> None:
        self._journal = journal
        self._clock = clock
        self._verify_after = verify_after
        self._unwritten: dict[_Key, Entry] = {}

    async def append(self, step: Step, target: plan.Target, run: Run, device: AutopilotDevice) -> Entry:
        """Write what an attempt saw and does. Raises JournalUnavailable."""
        entry = self._entry(step, target, run, device)
        await self._journal.append(entry)
        run.written.append(entry)
        return entry

    async def first_sight(
        self, target: plan.Target, run: Run, history: History, device: AutopilotDevice | None
    ) -> None:
        """What the first decision found binds all later ones, so it is written even where nothing is done."""
        if device is not None and history.first(target.autopilot_device_id, target.action) is None:
            await self.append(Step.FOUND, target, run, device)

    async def accepted(self, target: plan.Target, run: Run, found: AutopilotDevice) -> None:
        """Record that Graph accepted. If the journal is out of reach this process remembers; raises JournalUnavailable."""
        entry = self._entry(Step.ACCEPTED, target, run, found)
        run.written.append(entry)
        try:
            await self._journal.append(entry)
        except JournalUnavailable:
            self._forget_the_old()
            self._unwritten[_key(target, run)] = entry
            raise

    async def history(self, target: plan.Target, run: Run) -> History:
        """The event's history in live runs, with what the journal did not take before. Raises JournalUnavailable."""
        history = run.history.live()
        key = _key(target, run)
        entry = self._unwritten.get(key)
        if entry is None:
            return history
        await self._journal.append(entry)
        run.written.append(entry)
        del self._unwritten[key]
        return history.with_entry(entry)

    async def as_it_is_now(self, run: Run) -> History:
        """The event's history in live runs, read anew. Raises JournalUnavailable."""
        return (await self._journal.read(run.event_id)).history.live()

    async def of_device(self, device: AutopilotDeviceId) -> History:
        """What is known of a device over all events. Raises JournalUnavailable."""
        return (await self._journal.read(of_device(device))).history

    async def seen_clear(self, device: AutopilotDevice, action: Action, run: Run, *, at: datetime) -> None:
        """A verification read the record back `at` that moment and found nobody. Raises JournalUnavailable."""
        entry = Entry(
            event_id=of_device(device.autopilot_device_id),
            run=run.number,
            attempt=run.attempt,
            step=Step.CLEAR,
            action=action,
            device=device,
            at=at,
            fingerprint=run.fingerprint,
        )
        await self._journal.append(entry)

    def _entry(self, step: Step, target: plan.Target, run: Run, device: AutopilotDevice) -> Entry:
        return Entry(
            event_id=run.event_id,
            run=run.number,
            attempt=run.attempt,
            step=step,
            action=target.action,
            device=device,
            at=self._clock.now(),
            dry_run=run.dry_run,
            fingerprint=run.fingerprint,
        )

    def _forget_the_old(self) -> None:
        now = self._clock.now()
        self._unwritten = {k: e for k, e in self._unwritten.items() if now - e.at < self._verify_after}


def of_device(device: AutopilotDeviceId) -> EventId:
    """What the journal knows a device by, beside the events, whose ids begin with their type."""
    return EventId(f"device:{folded(device)}")


def _key(target: plan.Target, run: Run) -> _Key:
    return run.event_id, folded(target.autopilot_device_id), target.action
