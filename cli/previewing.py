"""`offboard preview`: the service's own handlers in a dry run, with a journal in memory. Changes nothing, anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NoReturn, Self

import typer

from cli import exits, output, signing_in
from cli.events import OutgoingEvent
from cli.exit_codes import Exit
from shared import assembly, bootstrap, ports
from shared.domain import events
from shared.domain.acts import Act
from shared.domain.errors import TransientError, UnassignmentError
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId
from shared.domain.report import DeviceReport, Outcome, worst, worst_first
from shared.graph import budget, clouds
from shared.graph.client import GraphClient
from shared.messaging.conclusion import Conclusion
from shared.recording import Run
from shared.settings import reading

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

    from shared.graph.response import Response

COLUMNS: Final = ("outcome", "serialNumber", "assigned", "autopilotDeviceId", "action", "detail")


class NoJournal:
    """A journal that remembers nothing: a preview decides nothing that a later run must know."""

    async def read(self, event_id: EventId) -> ports.Record:
        """Nothing is on record."""
        return ports.Record()

    async def append(self, entry: Entry) -> None:
        """Forget it."""

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """Nothing else is on record."""
        return conclusion

    async def note(self, act: Act) -> Act:
        """Nothing else is on record."""
        return act


class _CountingGraph(GraphClient):
    """Counts what it asks: a live run asks the same, and posts beside."""

    asked = 0

    async def exchange(self, request: "RequestInformation") -> "Response":
        self.asked += 1
        return await super().exchange(request)


@dataclass(frozen=True, slots=True)
class Cost:
    """The requests to Graph that live runs would make, the later look at whether it worked aside."""

    reads: int
    writes: int

    def described(self) -> str:
        """For people; with the time that the quota of writes makes of it."""
        seconds = self.writes // budget.QUOTA * budget.SPAN.total_seconds()
        wait = f", at least {int(seconds // 60)} minutes under Graph's limits" if seconds >= 60 else ""
        return (
            f"a live run: {self.reads + self.writes} requests to Graph ({self.reads} reads, {self.writes} writes){wait}"
        )

    def as_json(self) -> Mapping[str, int]:
        """The figures."""
        return {"reads": self.reads, "writes": self.writes}


@dataclass(frozen=True, slots=True)
class Finding:
    """What would become of one event: of each device, or why nothing would be done."""

    reports: Sequence[DeviceReport]
    refusal: UnassignmentError | None
    failed: bool

    def devices(self) -> list[Mapping[str, Any]]:
        """A row for each device, worst first."""
        return [
            {
                "autopilotDeviceId": line.autopilot_device_id,
                "action": line.action.value,
                "outcome": line.outcome.value,
                "detail": line.detail,
                "serialNumber": line.before.serial_number if line.before else None,
                "assigned": line.before.assigned(line.action) if line.before else None,
            }
            for line in worst_first(self.reports)
        ]

    def as_json(self) -> Mapping[str, Any]:
        """The outcome and the devices; with a reason, if nothing would be done."""
        if self.refusal is None:
            return {"outcome": worst(self.reports).value, "devices": self.devices()}
        name = type(self.refusal).__name__
        return {"outcome": "failed", "reason": name, "description": str(self.refusal), "devices": []}


class Previewer:
    """Looks at what would become of events. Ends the command if the settings are wrong; raises TransientError from Graph."""

    def __init__(self) -> None:
        try:
            settings = bootstrap.load_settings(reading.process_environment())
        except reading.SettingsError as error:
            exits.refuse(str(error))
        self._clock = clock = bootstrap.SystemClock()
        self._graph = _CountingGraph(clouds.at(settings.graph_endpoint), credential=signing_in.signed_in, clock=clock)
        self._devices = bootstrap.build_devices(settings, self._graph, clock)
        tenant = assembly.Tenant(devices=self._devices, users=bootstrap.build_users(settings, self._graph))
        self._handlers = assembly.handlers(tenant, NoJournal(), clock, bootstrap.build_rules(settings))
        self._writes = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._devices.close()
        await self._graph.close()

    async def look(self, event: OutgoingEvent) -> Finding:
        """What would become of an event's devices."""
        attempt = Run(
            event_id=EventId(event.event_id),
            number=0,
            attempt=1,
            dry_run=True,
            history=History(),
            event_at=self._clock.now(),
        )
        try:
            match event.decoded():
                case events.UserOffboarded() as left:
                    handled = await self._handlers.unassign_for_offboarded_user(left, attempt)
                case events.DeviceRetired() as retired:
                    handled = await self._handlers.unassign_for_retired_device(retired, attempt)
        except TransientError:
            raise
        except UnassignmentError as error:
            return Finding([], error, failed=True)
        self._writes += sum(line.outcome is Outcome.WOULD_UNASSIGN for line in handled.reports)
        return Finding(handled.reports, None, failed=handled.failure is not None)

    @property
    def cost(self) -> Cost:
        """What all that was looked at would cost."""
        return Cost(reads=self._graph.asked, writes=self._writes)


async def run(event: OutgoingEvent, *, as_json: bool) -> int:
    """Print what would become of each device; 1 if the message would be dead-lettered or a device fail.

    Ends the command with 2 if Graph can't be asked.
    """
    async with Previewer() as previewer:
        try:
            finding = await previewer.look(event)
        except TransientError as error:
            refuse(error)
    _print(finding, previewer.cost, as_json=as_json)
    return Exit.SOME_FAILED if finding.failed else Exit.DONE


def refuse(error: BaseException) -> NoReturn:
    """End the command: Graph could not be asked."""
    exits.refuse(
        f"nothing can be said: {type(error).__name__}: {error}: check GRAPH_ENDPOINT, the sign-in and the network"
    )


def _print(finding: Finding, cost: Cost, *, as_json: bool) -> None:
    if as_json:
        output.as_json({**finding.as_json(), "cost": cost.as_json()})
        return
    if finding.refusal is not None:
        typer.echo(f"nothing would be done: {type(finding.refusal).__name__}: {finding.refusal}", err=True)
        return
    rows = finding.devices()
    if rows:
        output.table(COLUMNS, rows)
    else:
        typer.echo("no Autopilot device would be touched: none was found")
    typer.echo(cost.described())
