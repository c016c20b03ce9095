"""Undoing an event: assign the former user of each of its devices again, where nobody else is by now.

Knows the order of the steps; whether a device may be restored is decided in the domain. Every POST follows a read by id, after
RESTORING is on record, so that a crash at any step leaves what the next undo finishes. The service leaves alone what is on record
as undone, and whatever was assigned after its event.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from shared import ports
from shared.domain import restoring
from shared.domain.acts import Act, ActKind
from shared.domain.device import AutopilotDevice
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphThrottled,
    GraphUnavailable,
    TokenUnavailable,
    UnassignmentError,
)
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import EventId, UserPrincipalName, same
from shared.domain.restoring import Decision, Keep, Restoration, Restore, Restored
from shared.recording import of_device
from shared.unassigning import FRESH_FOR

_READS: Final = 3
"""How often a read that was too slow is taken again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an operator asks for: the event by its id in the journal, who asks and why, and an id of this very asking."""

    event_id: EventId
    act_id: str
    operator: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undoing:
    """Undoes events. What was accepted less than `verify_after` ago is neither repeated nor taken for done."""

    devices: ports.AutopilotDevices
    assignments: ports.Assignments
    journal: ports.Journal
    clock: ports.Clock
    permits: ports.WritePermits
    verify_after: timedelta

    async def preview(self, formers: Sequence[Entry], history: History) -> Sequence[Restored]:
        """What would become of each device; changes nothing. A device that can't be read is `failed`."""
        lines = []
        for former in formers:
            try:
                decision = await self._decide(former, history)
            except UnassignmentError as error:
                lines.append(_failed(former, error))
                continue
            lines.append(_line(former, decision if isinstance(decision, Keep) else Keep(Restoration.WOULD_RESTORE)))
        return lines

    async def undo(self, order: Order, formers: Sequence[Entry], record: ports.Record) -> Sequence[Restored]:
        """Assign the former users again, and report each device; what failed for one hinders no other.

        Raises JournalUnavailable before anything is done: the undo itself is the first thing on record.
        """
        run, fingerprint = _latest_run(record)
        await self._note(order, run)
        lines = []
        for former in formers:
            mark = replace(former, run=run, fingerprint=fingerprint, attempt=1)
            try:
                lines.append(_line(former, await self._undo_one(former, mark, record.history)))
            except (UnassignmentError, ports.NoPermitYet) as error:
                lines.append(_failed(former, error))
        return lines

    async def _undo_one(self, former: Entry, mark: Entry, history: History) -> Keep:
        permit = await self.permits.take(ports.Booking())  # before the read, so that the POST can follow it
        sent = False
        try:
            decision = await self._decide(former, history)
            if isinstance(decision, Restore):
                await self._begin(mark, decision.record)
                decision = await self._decide(former, history)
                if isinstance(decision, Keep):
                    await self._append(mark, Step.NOT_RESTORED, decision.record or mark.device)  # nothing was posted
                else:
                    sent = True
                    await self._assign(former, mark, decision.record)
        finally:
            if not sent:
                self.permits.give_back(permit)
        if isinstance(decision, Keep):
            if decision.mark and decision.record is not None:
                await self._end(mark, decision.record)
            return decision
        return Keep(await self._read_back(former))

    async def _decide(self, former: Entry, history: History) -> Decision:
        """The decision about the record as it is, read so lately that what follows it is sent within FRESH_FOR."""
        known = await self._known(former, history)
        for _ in range(_READS):
            begun = self.clock.now()
            record = await self.devices.get(former.device.autopilot_device_id)
            now = self.clock.now()
            if now - begun <= FRESH_FOR - ports.SENT_WITHIN:
                return restoring.decide(former, record, history, known, now=now, verify_after=self.verify_after)
        raise GraphUnavailable("no read of the device was quick enough to act on")

    async def _known(self, former: Entry, history: History) -> History:
        """What is on record of the device over all events, where an undo of this event may have been overtaken by another."""
        device = former.device.autopilot_device_id
        if history.live().undone(device, former.action) is None:
            return History()
        return (await self.journal.read(of_device(device))).history

    async def _begin(self, mark: Entry, record: AutopilotDevice) -> None:
        """That the record was clear now tells whoever decides about an older event that what comes was assigned after it."""
        await self._append_to_device(mark, Step.CLEAR, record)
        await self._append(mark, Step.RESTORING, record)

    async def _assign(self, former: Entry, mark: Entry, record: AutopilotDevice) -> None:
        before = former.device
        user = before.user_principal_name or UserPrincipalName("")
        try:
            await self.assignments.assign_user(before.autopilot_device_id, user, before.addressable_user_name)
        except (GraphPermissionDenied, GraphThrottled, TokenUnavailable, GraphRequestRejected):
            await self._append(mark, Step.NOT_RESTORED, record)  # nothing was done
            raise
        await self._end(mark, record)

    async def _end(self, mark: Entry, record: AutopilotDevice) -> None:
        """The event's own entry comes last: where it stands, nothing is left to finish."""
        await self._append_to_device(mark, Step.RESTORED, record)
        await self._append(mark, Step.RESTORED, record)

    async def _read_back(self, former: Entry) -> Restoration:
        """Graph's answer was no proof. A record that can't be read now was accepted all the same."""
        try:
            record = await self.devices.get(former.device.autopilot_device_id)
        except UnassignmentError:
            return Restoration.ACCEPTED
        shown = record is not None and same(record.user_principal_name, former.device.user_principal_name)
        return Restoration.RESTORED if shown else Restoration.ACCEPTED

    async def _append(self, mark: Entry, step: Step, record: AutopilotDevice) -> None:
        await self.journal.append(replace(mark, step=step, device=record, at=self.clock.now()))

    async def _append_to_device(self, mark: Entry, step: Step, record: AutopilotDevice) -> None:
        about_device = of_device(mark.device.autopilot_device_id)
        await self._append(replace(mark, event_id=about_device, attempt=restoring.BY_AN_UNDO), step, record)

    async def _note(self, order: Order, run: int) -> None:
        await self.journal.note(
            Act(
                event_id=order.event_id,
                kind=ActKind.UNDO,
                act_id=order.act_id,
                run=run,
                operator=order.operator,
                reason=order.reason,
                at=self.clock.now(),
            )
        )


def _latest_run(record: ports.Record) -> tuple[int, str]:
    """The latest live run on record and its fingerprint, if it has one: an undo holds for it and for all before it."""
    entries = [(entry.run, entry.fingerprint) for entry in record.history.live().entries]
    ends = [
        (end.run, end.fingerprint)
        for end in record.conclusions
        if not (end.dry_run or end.of_a_body or end.of_a_verification)
    ]
    return max([*entries, *ends], key=lambda each: each[0])


def _line(former: Entry, end: Keep) -> Restored:
    return Restored(former=former.device, action=former.action, result=end.result, undone_at=end.undone_at)


def _failed(former: Entry, error: Exception) -> Restored:
    detail = f"{type(error).__name__}: {error}"
    return Restored(former=former.device, action=former.action, result=Restoration.FAILED, detail=detail)
