"""`offboard dlq show`: all that is known of one dead letter, for the operator; it may name people."""

import json
from collections.abc import Mapping
from typing import Any

from cli import exits, output
from cli.dlq import choosing, explaining, opening, printing
from cli.dlq.choosing import Selection
from cli.dlq.opening import Site
from cli.dlq.understanding import Understood
from cli.exit_codes import Exit
from shared import ports
from shared.domain import events
from shared.domain.errors import JournalUnavailable
from shared.messaging import contract_body, replays


async def run(name: str, queue: str | None, *, as_json: bool) -> int:
    """Print it. Ends the command with 1 if there is none, with 2 if there is more than one."""
    async with opening.opened(queue) as site:
        found = await site.chosen(Selection(names=[name]), as_json=as_json)
        if len(found) > 1:
            exits.refuse(f"{name} is more than one dead letter: give its number, and --queue")
        document = await _document(found[0], site)
    if as_json:
        output.as_json(document)
    else:
        printing.show(document)
    return Exit.DONE


async def _document(dead: Understood, site: Site) -> Mapping[str, Any]:
    letter, message, row = dead.letter, dead.letter.message, explaining.row(dead.letter.reason)
    return {
        "number": letter.sequence_number,
        "queue": message.queue,
        "messageId": message.message_id,
        "reason": letter.reason,
        "description": letter.description,
        "meaning": row.meaning,
        "whatToDo": row.what_to_do,
        "safeToReplay": row.safe_to_replay,
        "mayBeOverridden": letter.reason in replays.OVERRIDABLE,
        "enqueuedAt": message.enqueued_at.isoformat(),
        "firstEnqueuedAt": message.first_enqueued_at.isoformat(),
        "ageSeconds": int(choosing.age(letter, site.clock.now()).total_seconds()),
        "attempt": message.attempt,
        "replays": message.run,
        "contentType": message.content_type,
        "correlationId": message.correlation_id,
        "subject": message.subject,
        "applicationProperties": {name: _plain(value) for name, value in message.application_properties.items()},
        "body": message.body.decode("utf-8", "replace") if letter.readable else None,
        "eventType": dead.event_type,
        "about": dead.about() or None,
        "event": None if dead.event is None else _event(dead.event),
        "notReadableBecause": dead.problem or None,
        "journal": await _journal(dead, site.journal),
    }


async def _journal(dead: Understood, journal: ports.Journal) -> Mapping[str, Any]:
    try:
        record = await journal.read(dead.record_id)
    except JournalUnavailable as error:
        return {"outOfReach": str(error)}
    return {
        "id": dead.record_id,
        "devices": [
            {
                "at": entry.at.isoformat(),
                "run": entry.run,
                "step": entry.step.value,
                "action": entry.action.value,
                "autopilotDeviceId": entry.device.autopilot_device_id,
                "assigned": entry.device.assigned(entry.action),
            }
            for entry in record.history.entries
        ],
        "ends": [
            {"at": end.at.isoformat(), "run": end.run, "dryRun": end.dry_run, "outcome": end.outcome}
            for end in record.conclusions
        ],
        "acts": [
            {
                "at": act.at.isoformat(),
                "run": act.run,
                "what": act.kind.value,
                "operator": act.operator,
                "reason": act.reason,
            }
            for act in record.acts
        ],
    }


def _event(event: events.Event) -> Mapping[str, Any]:
    """The event that the body was read as, whatever its shape, in the keys of the contract."""
    written: dict[str, Any] = json.loads(contract_body.encode(event))
    return {"eventId": event.request.event_id, **written}


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)
