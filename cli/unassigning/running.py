"""`offboard unassign`: puts the service's own parts together for one order, and ends as a command ends."""

import asyncio
import contextlib
import dataclasses
import signal
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

import typer

from cli import exits, log_lines, operators, signing_in
from cli.unassigning import carrying, ending, showing
from cli.unassigning.carrying import Carrier, Done, Order
from cli.unassigning.memory import MemoryJournal, MemoryRecords
from shared import assembly, bootstrap, ports
from shared.blast_radius import Allowance, BlastRadius
from shared.domain.acts import AT_A_TERMINAL, Act, ActKind
from shared.domain.errors import JournalUnavailable
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.graph.asking import Asking
from shared.graph.response import Response
from shared.settings import fields, reading
from shared.settings.fields import Settings

PERMIT_MAX_WAIT: Final = carrying.PATIENCE
"""A command holds no lock: it waits for its turn under the rate limit for longer than the service may."""

_JOURNAL_URL: Final = fields.TABLE["journal_url"].name


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How what came of it is to be shown, and for the record who does it (None: the signed-in user) and why."""

    as_json: bool
    pass_through: bool
    response_headers: bool
    reason: str
    operator: str | None


def settings() -> Settings:
    """The settings that lead to Graph and to the journal; none of Service Bus are needed. Ends the command if any is wrong."""
    try:
        found = bootstrap.load_settings(reading.process_environment(), service_bus=False)
    except reading.SettingsError as error:
        exits.refuse(str(error))
    return dataclasses.replace(found, permit_max_wait=max(PERMIT_MAX_WAIT, found.permit_max_wait))


def allowed(found: Settings, action: Action) -> None:
    """End the command for an action that the settings switch off."""
    if action is Action.UNASSIGN_RESOURCE_ACCOUNT and not found.allow_resource_account_unassign:
        exits.refuse(
            "ActionNotAllowed: --resource-account is in Graph's beta only, and off: "
            "set ALLOW_RESOURCE_ACCOUNT_UNASSIGN=true to allow it"
        )


async def run(order: Order, found: Settings, wanted: Wanted) -> int:
    """Carry it out and show what came of each device; 1 if any failed, 2 if nothing could be reached."""
    log_lines.to_nobody()
    recorded = not order.what_if and bool(reading.process_environment().get(_JOURNAL_URL, "").strip())
    event_id = EventId(f"{AT_A_TERMINAL}{uuid.uuid4()}")
    answers: dict[AutopilotDeviceId, Response] = {}
    results = await _carried_out(order, found, event_id, _act_of(wanted) if recorded else None, answers)
    shown = {device: answer.headers for device, answer in answers.items()} if wanted.response_headers else {}
    if wanted.as_json:
        showing.as_json(results, shown, event_id=event_id if recorded else None)
    elif wanted.pass_through:
        showing.passed_through(results)
    else:
        showing.as_text(results, shown)
    if not order.what_if:
        ending.remark(results, event_id if recorded else None)
    return ending.code(results)


async def _carried_out(
    order: Order,
    found: Settings,
    event_id: EventId,
    act: Callable[[EventId, datetime], Act] | None,
    answers: dict[AutopilotDeviceId, Response],
) -> Sequence[Done]:
    """Put the parts together, do it, and close them. With an `act` all is recorded where the settings say, else nowhere."""
    clock = bootstrap.SystemClock()
    kept = act is not None
    journal = bootstrap.build_journal(found, clock, signing_in.signed_in) if kept else MemoryJournal()
    records = bootstrap.build_records(found, signing_in.signed_in) if kept else MemoryRecords()
    graph = bootstrap.build_graph(found, clock, signing_in.signed_in)
    permits = bootstrap.build_permits(found, clock, records.record("quota"))
    asking = Asking(route=order.route, headers=order.headers, shown=answers.__setitem__)
    devices = bootstrap.build_devices(found, graph, clock, permits=permits, asking=asking)
    tenant = assembly.Tenant(devices=devices, users=None, permits=permits)
    radius = BlastRadius(records.record(bootstrap.BLAST_RADIUS), clock=clock, limit=found.blast_radius_per_hour)
    allowance = Allowance(radius, expected=len(order.devices), released=False)
    stop = asyncio.Event()
    try:
        if act is not None:
            await _noted(act(event_id, clock.now()), journal)
        with showing.bar(len(order.devices)) as bar, _at_interrupt(stop.set):
            carrier = Carrier(
                unassigner=assembly.handlers(tenant, journal, clock, bootstrap.build_rules(found)).unassigner,
                journal=journal,
                event_id=event_id,
                stop=stop,
                told=bar.told,
                clock=clock,
                allowance=None if order.what_if else allowance,
            )
            return await carrier.carry_out(order)
    finally:
        await allowance.give_back_unused()
        await devices.close()
        await graph.close()
        with contextlib.suppress(JournalUnavailable):  # what is written is durable; devices are told all the same
            await records.close()
        with contextlib.suppress(JournalUnavailable):
            await journal.close()


async def _noted(act: Act, journal: ports.Journal) -> None:
    try:
        await journal.note(act)
    except JournalUnavailable as error:
        exits.refuse(f"nothing was done, as it could not be recorded: {error}: check JOURNAL_URL and the sign-in")


def _act_of(wanted: Wanted) -> Callable[[EventId, datetime], Act]:
    operator = operators.named(wanted.operator)

    def act(event_id: EventId, at: datetime) -> Act:
        return Act(
            event_id=event_id,
            kind=ActKind.UNASSIGN,
            act_id=event_id,
            run=0,
            operator=operator,
            reason=wanted.reason,
            at=at,
        )

    return act


@contextlib.contextmanager
def _at_interrupt(stop: Callable[[], None]) -> Iterator[None]:
    """Ctrl-C stops in good order; pressed once more, it interrupts."""
    loop = asyncio.get_running_loop()

    def stopping() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        typer.echo("stopping: what is in hand is brought to its end", err=True)
        stop()

    loop.add_signal_handler(signal.SIGINT, stopping)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGINT)
