"""`offboard undo`: the former users of an event's devices, assigned again or shown; as whoever is signed in."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import typer

from cli import exits, output
from cli.exit_codes import Exit
from cli.records import opening
from cli.records.opening import Found
from cli.signing_in import signed_in
from shared import bootstrap, ports
from shared.domain import restoring
from shared.domain.device import AutopilotDevice
from shared.domain.history import Entry
from shared.domain.identifiers import same
from shared.domain.restoring import Restoration, Restored
from shared.settings.fields import Settings
from shared.undoing import Order, Undoing

_GOOD: Final = {
    Restoration.WOULD_RESTORE,
    Restoration.RESTORED,
    Restoration.ACCEPTED,
    Restoration.ALREADY_ASSIGNED,
}
_SAYS: Final = {
    Restoration.ACCEPTED: "Graph accepted it; the record does not show it yet",
    Restoration.ALREADY_ASSIGNED: "the record names the former user",
    Restoration.NOT_CLEAR_YET: "Graph may still be clearing the record: undo it again when VERIFY_AFTER is over",
    Restoration.ASSIGNED_TO_SOMEONE_ELSE: "somebody else has been assigned since: left alone",
    Restoration.NOT_FOUND: "the record is gone",
    Restoration.NOT_POSSIBLE: "a resource account cannot be assigned again as it was: do it in Intune",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator asks for. Without `yes` it is shown only; `device` is an Autopilot id or a serial number, if not all."""

    event_id: str
    event_type: str | None
    device: str | None
    operator: str
    because: str
    yes: bool


async def run(wish: Wish, *, as_json: bool) -> int:
    """Undo the event, or show what that would do; 1 if a device was refused or failed, or nothing is on record."""
    settings = opening.settings()
    async with opening.journal(settings) as journal:
        found = _the_one(await opening.of_event(journal, wish.event_id, wish.event_type), wish)
        if found is None:
            return _unknown(wish, as_json=as_json)
        formers = _chosen(found, wish.device)
        acts = wish.yes and not settings.dry_run
        async with _undoing(settings, journal) as undoing:
            if acts and formers:
                lines = await undoing.undo(_order(found, wish), formers, found.record)
            else:
                lines = await undoing.preview(formers, found.record.history)
    _tell(found, lines, acted=acts, as_json=as_json)
    if not acts and not as_json and lines:
        why = "DRY_RUN is true" if wish.yes else "give --yes to go ahead"
        typer.echo(f"nothing was done: {why}")
    return Exit.DONE if all(line.result in _GOOD for line in lines) else Exit.SOME_FAILED


def _unknown(wish: Wish, *, as_json: bool) -> int:
    error = f"nothing is on record about event {wish.event_id}: check the id and JOURNAL_URL"
    if as_json:
        about = {"eventId": wish.event_id, "eventType": wish.event_type}
        output.as_json({**about, "done": False, "devices": [], "error": error})
    typer.echo(error, err=True)
    return Exit.SOME_FAILED


def _the_one(found: Sequence[Found], wish: Wish) -> Found | None:
    if len(found) > 1:
        exits.refuse(f"{wish.event_id} is the id of two events: give --type {', or --type '.join(opening.EVENT_TYPES)}")
    return found[0] if found else None


def _chosen(found: Found, device: str | None) -> Sequence[Entry]:
    formers = restoring.undoable(found.record.history)
    if device is None:
        return formers
    chosen = [each for each in formers if _is(each.device, device)]
    if not chosen:
        exits.refuse(
            f"this event changed no device {device}: give --device an Autopilot id or a serial number of its devices"
        )
    return chosen


def _is(device: AutopilotDevice, name: str) -> bool:
    return same(device.autopilot_device_id, name) or same(device.serial_number, name)


def _order(found: Found, wish: Wish) -> Order:
    act_id = secrets.token_hex(8)
    return Order(event_id=found.journal_id, act_id=act_id, operator=wish.operator, reason=wish.because)


@asynccontextmanager
async def _undoing(settings: Settings, journal: ports.Journal) -> AsyncIterator[Undoing]:
    clock = bootstrap.SystemClock()
    records = bootstrap.build_records(settings, signed_in)
    permits = bootstrap.build_permits(settings, clock, records.record("quota"))
    graph = bootstrap.build_graph(settings, clock, signed_in)
    devices = bootstrap.build_devices(settings, graph, clock, permits=permits)
    try:
        yield Undoing(
            devices=devices,
            assignments=bootstrap.build_assignments(graph, clock, permits),
            journal=journal,
            clock=clock,
            permits=permits,
            verify_after=settings.verify_after,
        )
    finally:
        await devices.close()
        await graph.close()
        await records.close()


def _tell(found: Found, lines: Sequence[Restored], *, acted: bool, as_json: bool) -> None:
    rows = [_row(line) for line in lines]
    if as_json:
        output.as_json({**opening.named(found.journal_id), "done": acted, "devices": rows})
    elif rows:
        output.table(["result", "serialNumber", "formerUser", "autopilotDeviceId", "detail"], rows)
    else:
        typer.echo("there is nothing to undo: this event unassigned nobody")


def _row(line: Restored) -> dict[str, Any]:
    return {
        "result": line.result.value,
        "serialNumber": line.former.serial_number,
        "formerUser": line.former.user_principal_name,
        "autopilotDeviceId": line.former.autopilot_device_id,
        "action": line.action.value,
        "detail": _detail(line),
    }


def _detail(line: Restored) -> str | None:
    if line.result is Restoration.FAILED:
        return f"{line.detail}: undo it again, which finishes it"
    if line.undone_at is not None:
        return (
            f"the event was undone on {line.undone_at:%Y-%m-%d %H:%M} UTC; whatever unassigned the user since is not this event's "
            "to undo (if it is still wanted: undo that event, or assign the user in Intune)"
        )
    return _SAYS.get(line.result)
