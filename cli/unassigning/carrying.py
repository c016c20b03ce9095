"""Carrying out an order to unassign: each device through the service's own Unassigner, a few at a time, in a few attempts.

Knows orders, attempts and stopping; what is done to one device, and whether it may be, is the service's. Holds no lock, so it
waits as long as Graph asks, within PATIENCE.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from shared import ports
from shared.blast_radius import Allowance
from shared.domain.errors import TransientError, UnassignmentError
from shared.domain.events import Action
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId, UserPrincipalName, same
from shared.domain.plan import Target
from shared.domain.report import Detail, DeviceReport, Outcome
from shared.graph.asking import Route
from shared.recording import Run
from shared.unassigning import Unassigner

AT_ONCE: Final = 8
ATTEMPTS: Final = 4
FIRST_WAIT: Final = timedelta(seconds=2)
"""Where Graph does not say how long to wait: doubled from attempt to attempt."""
PATIENCE: Final = timedelta(minutes=5)
"""Who asks for a longer wait is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants done. `expect_user`: act only on a record that names this user. `what_if`: change nothing."""

    devices: Sequence[AutopilotDeviceId]
    action: Action
    expect_user: UserPrincipalName | None
    route: Route
    headers: Mapping[str, str]
    what_if: bool

    def target(self, device: AutopilotDeviceId) -> Target:
        """The device, and whom the record must name."""
        user = self.expect_user
        of_user = self.action is Action.UNASSIGN_USER
        return Target(
            autopilot_device_id=device,
            action=self.action,
            assigned=(user,) if user is not None and of_user else None,
            only_with_user=None if of_user else user,
        )

    def told(self, report: DeviceReport) -> DeviceReport:
        """The report; of a device that names another than expected, with whom somebody expected. For a terminal only."""
        if report.outcome is not Outcome.ASSIGNED_TO_SOMEONE_ELSE or self.expect_user is None or report.detail:
            return report
        return replace(report, detail=f"--expect-user names {self.expect_user}")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of one device; `error` is why it failed, if it did. `unknown`: a call was begun that may have been accepted."""

    report: DeviceReport
    error: Exception | None = None
    unknown: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the record is clear as far as we know, Graph has accepted the request, or would be asked."""
        return self.report.outcome in {Outcome.UNASSIGNED, Outcome.ALREADY_UNASSIGNED, Outcome.WOULD_UNASSIGN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """`stop` set: no further device is begun, no further attempt made, and what is in hand is brought to its end.

    `allowance` counts the devices among those of the hour.
    """

    unassigner: Unassigner
    journal: ports.Journal
    event_id: EventId
    stop: asyncio.Event
    told: Callable[[Done], None]
    clock: ports.Clock
    allowance: Allowance | None = None
    sleep: Callable[[float], Coroutine[Any, Any, None]] = asyncio.sleep

    async def carry_out(self, order: Order) -> Sequence[Done]:
        """What came of each device, in the order in which they were named."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(device: AutopilotDeviceId) -> Done:
            async with turns:
                done = await self._attempts(order, device)
            self.told(done)
            return done

        return await asyncio.gather(*map(one, order.devices))

    async def _attempts(self, order: Order, device: AutopilotDeviceId) -> Done:
        target = order.target(device)
        failure: Exception | None = None
        unknown = False
        for attempt in range(1, ATTEMPTS + 1):
            if self.stop.is_set():
                break
            written: list[Entry] = []
            try:
                report = await self.unassigner.unassign(target, await self._run(order, device, attempt, written))
                return Done(order.told(report))
            except (TransientError, ports.NoPermitYet, UnassignmentError) as error:
                failure = error
            unknown = unknown or _begun(written)
            if not isinstance(failure, TransientError | ports.NoPermitYet):
                break
            pause = getattr(failure, "retry_after", None) or FIRST_WAIT * 2 ** (attempt - 1)
            if attempt == ATTEMPTS or pause > PATIENCE:
                break
            await self._pause(pause)
        detail = Detail.NOT_REACHED if failure is None else f"{type(failure).__name__}: {failure}"
        report = DeviceReport(autopilot_device_id=device, action=order.action, outcome=Outcome.FAILED, detail=detail)
        return Done(report, failure, unknown)

    async def _pause(self, pause: timedelta) -> None:
        """Wait so long, or until it is stopped."""
        ends = [asyncio.create_task(self.sleep(pause.total_seconds())), asyncio.create_task(self.stop.wait())]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in ends:
                each.cancel()

    async def _run(self, order: Order, device: AutopilotDeviceId, attempt: int, written: list[Entry]) -> Run:
        """The attempt, with what earlier ones wrote of this device: what is on record of others says nothing about it."""
        history = History()
        if attempt > 1:
            entries = (await self.journal.read(self.event_id)).history.entries
            history = History.of(each for each in entries if same(each.device.autopilot_device_id, device))
        return Run(
            event_id=self.event_id,
            number=0,
            attempt=attempt,
            dry_run=order.what_if,
            history=history,
            event_at=self.clock.now(),
            allowance=self.allowance,
            written=written,
        )


def _begun(written: Sequence[Entry]) -> bool:
    """Whether an attempt sent its POST, and did not take its intent back since nothing can have come of it."""
    return bool(written) and written[-1].step in {Step.INTENT, Step.ACCEPTED}
