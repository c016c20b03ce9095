"""Looking at what would become of events: the service's own handlers in a dry run, with what is on record; requests are counted."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cli import earlier, exits, signing_in
from cli.events import OutgoingEvent
from cli.preview import on_record
from cli.preview.cost import Cost
from cli.preview.findings import Finding
from cli.preview.on_record import OnRecord, ReadOnly
from shared import assembly, bootstrap, running
from shared.domain import events
from shared.domain.errors import TransientError, UnassignmentError
from shared.domain.identifiers import EventId
from shared.domain.report import DeviceReport, Outcome
from shared.graph import clouds
from shared.graph.client import GraphClient
from shared.handlers import Handled
from shared.messaging import conclusion
from shared.messaging.settlement import DeadLetter
from shared.recording import Run
from shared.settings import reading

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

    from shared.graph.response import Response


class _CountingGraph(GraphClient):
    """Counts what it asks: a live run asks the same, and posts beside."""

    asked = 0

    async def exchange(self, request: "RequestInformation", send_by: datetime | None = None) -> "Response":
        self.asked += 1
        return await super().exchange(request, send_by)


class Previewer:
    """Looks at what would become of events. Ends the command if the settings are wrong; raises TransientError from Graph.

    `limit` is BLAST_RADIUS_PER_HOUR; `on_record` is what the journal has, from `__aenter__` on.
    """

    def __init__(self) -> None:
        try:
            self._settings = settings = bootstrap.load_settings(reading.process_environment(), service_bus=False)
        except reading.SettingsError as error:
            exits.refuse(str(error))
        self.limit = settings.blast_radius_per_hour
        self.on_record = OnRecord(journal=ReadOnly(None))
        self._clock = clock = bootstrap.SystemClock()
        self._graph = _CountingGraph(clouds.at(settings.graph_endpoint), credential=signing_in.signed_in, clock=clock)
        self._devices = bootstrap.build_devices(settings, self._graph, clock)
        self._stack = AsyncExitStack()
        self._writes = 0

    async def __aenter__(self) -> Self:
        self._stack.push_async_callback(self._graph.close)
        self._stack.push_async_callback(self._devices.close)
        self.on_record = await self._stack.enter_async_context(on_record.opened(self._settings, self._clock))
        users = bootstrap.build_users(self._settings, self._graph)
        tenant = assembly.Tenant(devices=self._devices, users=users)
        rules = bootstrap.build_rules(self._settings)
        self._handlers = assembly.handlers(tenant, self.on_record.journal, self._clock, rules)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def look(self, outgoing: OutgoingEvent) -> Finding:
        """What would become of an event's devices, were it sent now."""
        event = outgoing.decoded()
        try:
            finding = await self._found(event, outgoing.journal_id)
        except TransientError:
            raise
        except UnassignmentError as error:
            return Finding(refusal=error, failed=True)
        self._writes += sum(line.outcome is Outcome.WOULD_UNASSIGN for line in finding.reports)
        return finding

    @property
    def cost(self) -> Cost:
        """What all that was looked at would cost."""
        return Cost(reads=self._graph.asked, writes=self._writes)

    async def _found(self, event: events.Event, journal_id: EventId) -> Finding:
        now, request, max_age = self._clock.now(), event.request, self._settings.message_max_age
        record = await self.on_record.journal.read(journal_id)
        known = earlier.found(record, event, dry_run=request.dry_run, now=now, message_max_age=max_age)
        if (ended := known.end) is not None:
            return Finding(ended=ended, latest=known.outcome, failed=isinstance(ended.settlement, DeadLetter))
        running.refuse_if_stale(request, now, now, max_age)
        run = Run(
            event_id=journal_id,
            number=0,
            attempt=1,
            dry_run=True,
            history=record.history,
            event_at=request.dates_from(now),
            fingerprint=conclusion.fingerprint(event),
        )
        handled = await self._handled(event, run)
        waits_until = request.effective_at if request.effective_at and request.effective_at > now else None
        return await self._with_what_is_on_record(
            Finding(reports=handled.reports, failed=handled.failure is not None, waits_until=waits_until), run
        )

    async def _handled(self, event: events.Event, run: Run) -> Handled:
        match event:
            case events.UserOffboarded():
                return await self._handlers.unassign_for_offboarded_user(event, run)
            case events.DeviceRetired():
                return await self._handlers.unassign_for_retired_device(event, run)

    async def _with_what_is_on_record(self, finding: Finding, run: Run) -> Finding:
        would = [line for line in finding.reports if line.outcome is Outcome.WOULD_UNASSIGN]
        new = [line for line in would if not run.history.counted(line.autopilot_device_id, line.action)]
        restored = {line.autopilot_device_id: await self._restored(line) for line in would}
        since = {device: at for device, at in restored.items() if at is not None}
        return replace(finding, writes=len(new), restored=since)

    async def _restored(self, line: DeviceReport) -> datetime | None:
        return await self.on_record.restored(line.autopilot_device_id, line.action)
