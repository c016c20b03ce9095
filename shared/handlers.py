"""One verb for each event, and one that verifies what they did: which devices, and what became of each.

One device's failure is a value here: the others are still done, and the report names all of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from shared import ports
from shared.blast_radius import Allowance, BlastRadius
from shared.domain import errors, events
from shared.domain.plan import Target
from shared.domain.report import Detail, DeviceReport, Outcome
from shared.looking import Looker
from shared.recording import Run
from shared.resolving import Resolver
from shared.unassigning import Unassigner


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an event's devices. `failure` is the error that decides about the message, if any device failed."""

    reports: Sequence[DeviceReport]
    failure: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """The verbs. `live` and `dry` count the devices of an hour, apart; without them nobody counts."""

    resolver: Resolver
    unassigner: Unassigner
    looker: Looker
    live: BlastRadius | None = None
    dry: BlastRadius | None = None

    async def unassign_for_offboarded_user(self, event: events.UserOffboarded, run: Run) -> Handled:
        """Unassign the leaver from every Autopilot device that names them, or that this event has seen before.

        Raises UserNotResolvable, ProtectedUser, ProtectedDevice, TooManyDevices before anything is touched, and what
        the ports raise.
        """
        targets = await self.resolver.for_offboarded_user(event, run)
        return await self._counting(targets, run, self._unassign_all)

    async def unassign_for_retired_device(self, event: events.DeviceRetired, run: Run) -> Handled:
        """Unassign the user, the resource account, or both from the one device that the event names.

        Raises ActionNotAllowed, PlaceholderSerialNumber, AmbiguousDevice before anything is touched, and what the ports
        raise. No device by that key is a result.
        """
        targets = await self.resolver.for_retired_device(event, run)
        return await self._counting(targets, run, self._unassign_in_turn)

    async def verify_unassignment(
        self, event: events.Event, run: Run, *, search: bool, only_changed: bool, act: bool
    ) -> Handled:
        """Read the event's devices back: `verified`, `unverified`, `unassigned` where it was done just now, or what they became.

        `search` looks for devices that the first scan missed; `only_changed` reads none but those that the event may have
        changed; `act` unassigns again where the leaver is still there. Raises as the other verbs do.
        """
        targets = await self._to_verify(event, run, search=search)
        if only_changed:
            changed = set(run.history.live().changed())
            targets = [each for each in targets if (each.autopilot_device_id, each.action) in changed]
        handled = _gathered(targets, await self._each(targets, run, self.looker.look))
        if act and handled.failure is None:
            again = {
                (line.autopilot_device_id, line.action)
                for line in handled.reports
                if line.outcome is Outcome.UNVERIFIED and line.detail is not Detail.NAME_REUSED
            }
            todo = [each for each in targets if (each.autopilot_device_id, each.action) in again]
            done = await self._counting(todo, run, self._unassign_in_turn)
            rest = [line for line in handled.reports if (line.autopilot_device_id, line.action) not in again]
            handled = Handled([*rest, *done.reports], done.failure)
        return Handled([_verified(line) for line in handled.reports], handled.failure)

    def _to_verify(self, event: events.Event, run: Run, *, search: bool) -> Awaitable[Sequence[Target]]:
        match event:
            case events.UserOffboarded():
                return self.resolver.for_offboarded_user(event, run, search=search)
            case events.DeviceRetired():
                seen = run.history.live().devices()  # the key may lead to another record by now
                return self.resolver.for_retired_device(event, run, search=search and not seen)
            case _:
                assert_never(event)

    async def _counting(
        self,
        targets: Sequence[Target],
        run: Run,
        work: Callable[[Sequence[Target], Run], Awaitable[Sequence[DeviceReport | Exception]]],
    ) -> Handled:
        """Do the work under an allowance for the devices that this event has not been counted for yet."""
        radius = self.dry if run.dry_run else self.live
        if radius is None:
            return _gathered(targets, await work(targets, run))
        about = ((each.autopilot_device_id, each.action) for each in targets)
        new = [each for each in about if not run.history.counted(*each, dry_run=run.dry_run)]
        allowance = Allowance(radius, expected=len(new), released=run.released)
        try:
            return _gathered(targets, await work(targets, replace(run, allowance=allowance)))
        finally:
            await allowance.give_back_unused()

    async def _unassign_all(self, targets: Sequence[Target], run: Run) -> Sequence[DeviceReport | Exception]:
        return await self._each(targets, run, self.unassigner.unassign)

    async def _unassign_in_turn(self, targets: Sequence[Target], run: Run) -> Sequence[DeviceReport | Exception]:
        return [await _attempted(self.unassigner.unassign(target, run)) for target in targets]

    async def _each(
        self, targets: Sequence[Target], run: Run, verb: Callable[[Target, Run], Awaitable[DeviceReport]]
    ) -> Sequence[DeviceReport | Exception]:
        return await asyncio.gather(*(_attempted(verb(target, run)) for target in targets))


async def _attempted(report: Awaitable[DeviceReport]) -> DeviceReport | Exception:
    try:
        return await report
    except Exception as error:  # noqa: BLE001 - the processor decides about it; the other devices go on
        return error


def _verified(line: DeviceReport) -> DeviceReport:
    """What was accepted, or found done, is verified once the record was read back; what was undone is no more."""
    done = line.outcome in {Outcome.UNASSIGNED, Outcome.ALREADY_UNASSIGNED} and line.detail is not Detail.UNDONE
    return replace(line, outcome=Outcome.VERIFIED) if done and line.confirmed else line


def _gathered(targets: Sequence[Target], results: Sequence[DeviceReport | Exception]) -> Handled:
    reports = [
        result if isinstance(result, DeviceReport) else _failed(target, result)
        for target, result in zip(targets, results, strict=True)
    ]
    failures = [result for result in results if isinstance(result, Exception)]
    decisive = min(failures, key=_precedence, default=None)
    return Handled(reports, _all_in_one(failures) if isinstance(decisive, ports.NoPermitYet) else decisive)


def _all_in_one(failures: Sequence[Exception]) -> ports.NoPermitYet:
    """One return for all devices that wait for the rate limit, at the last of their places."""
    waits = [failure for failure in failures if isinstance(failure, ports.NoPermitYet)]
    last = max(waits, key=lambda wait: wait.until)
    slot = last.slot
    if slot is not None:
        kept = [wait for wait in waits if wait.slot is not None and wait.slot.epoch == slot.epoch]
        slot = replace(slot, writes=len(kept))
    return ports.NoPermitYet(last.until, slot)


def _failed(target: Target, error: Exception) -> DeviceReport:
    """The report of a device that failed; the text of an unexpected error may quote anything, so only its class is named."""
    known = isinstance(error, errors.UnassignmentError)
    detail = f"{type(error).__name__}: {error}" if known else type(error).__name__
    return DeviceReport(
        autopilot_device_id=target.autopilot_device_id, action=target.action, outcome=Outcome.FAILED, detail=detail
    )


def _precedence(error: Exception) -> tuple[int, float]:
    """Which of several failures decides: a bug, a refused identity, who asks for the longest wait, the rate limit, the rest."""
    match error:
        case errors.GraphPermissionDenied():
            return 1, 0
        case errors.TransientError():
            return 2, -error.retry_after.total_seconds() if error.retry_after else 0
        case ports.NoPermitYet():
            return 3, 0
        case errors.UnassignmentError():
            return 4, 0
        case _:
            return 0, 0
