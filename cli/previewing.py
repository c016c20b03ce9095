"""`offboard preview`: the service's own handlers in a dry run, with a journal in memory. Changes nothing, anywhere."""

from collections.abc import Sequence

import typer

from cli import exits, output, signing_in
from cli.events import OutgoingEvent
from shared import assembly, bootstrap, ports
from shared.domain import events
from shared.domain.acts import Act
from shared.domain.errors import TransientError, UnassignmentError
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId
from shared.domain.report import DeviceReport, worst, worst_first
from shared.messaging.conclusion import Conclusion
from shared.recording import Run
from shared.settings import reading


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


async def run(event: OutgoingEvent, *, as_json: bool) -> int:
    """Print what would become of each device; 1 if the message would be dead-lettered or a device fail.

    Ends the command with 2 if Graph can't be asked.
    """
    try:
        settings = bootstrap.load_settings(reading.process_environment())
    except reading.SettingsError as error:
        exits.refuse(str(error))
    clock = bootstrap.SystemClock()
    graph = bootstrap.build_graph(settings, clock, signing_in.signed_in)
    devices = bootstrap.build_devices(settings, graph, clock)
    tenant = assembly.Tenant(devices=devices, users=bootstrap.build_users(settings, graph))
    handlers = assembly.handlers(tenant, NoJournal(), clock, bootstrap.build_rules(settings))
    attempt = Run(
        event_id=EventId(event.event_id), number=0, attempt=1, dry_run=True, history=History(), event_at=clock.now()
    )
    try:
        match event.decoded():
            case events.UserOffboarded() as left:
                handled = await handlers.unassign_for_offboarded_user(left, attempt)
            case events.DeviceRetired() as retired:
                handled = await handlers.unassign_for_retired_device(retired, attempt)
    except TransientError as error:
        exits.refuse(
            f"nothing can be said: {type(error).__name__}: {error}: check GRAPH_ENDPOINT, the sign-in and the network"
        )
    except UnassignmentError as error:
        _print_refusal(error, as_json=as_json)
        return exits.Exit.SOME_FAILED
    finally:
        await devices.close()
        await graph.close()
    _print(handled.reports, as_json=as_json)
    return exits.Exit.DONE if handled.failure is None else exits.Exit.SOME_FAILED


def _print_refusal(error: UnassignmentError, *, as_json: bool) -> None:
    if as_json:
        output.as_json({"outcome": "failed", "reason": type(error).__name__, "description": str(error), "devices": []})
    else:
        typer.echo(f"nothing would be done: {type(error).__name__}: {error}", err=True)


def _print(reports: Sequence[DeviceReport], *, as_json: bool) -> None:
    rows = [
        {
            "autopilotDeviceId": line.autopilot_device_id,
            "action": line.action.value,
            "outcome": line.outcome.value,
            "detail": line.detail,
            "serialNumber": line.before.serial_number if line.before else None,
            "assigned": line.before.assigned(line.action) if line.before else None,
        }
        for line in worst_first(reports)
    ]
    if as_json:
        output.as_json({"outcome": worst(reports).value, "devices": rows})
    elif rows:
        output.table(["outcome", "serialNumber", "assigned", "autopilotDeviceId", "action", "detail"], rows)
    else:
        typer.echo("no Autopilot device would be touched: none was found")
