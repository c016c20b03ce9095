"""One event's record as a document: what happened, when, by which attempt of which run, for whom, and what is to come. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cli.records import opening
from cli.records.opening import Found
from shared import ports
from shared.domain.acts import ActKind
from shared.domain.events import Action
from shared.domain.history import History, Step
from shared.domain.identifiers import AutopilotDeviceId, folded
from shared.domain.report import Detail, Outcome
from shared.messaging.conclusion import Conclusion
from shared.messaging.settlement import Complete, DeadLetter

_UNDO: Final = (Step.RESTORING, Step.RESTORED, Step.NOT_RESTORED)


def document(found: Found) -> Mapping[str, Any]:
    """The record, ready for JSON; times are in UTC."""
    record = found.record
    latest = _data(record.conclusions[-1]) if record.conclusions else {}
    asked = {name: latest.get(name) for name in ("requestedBy", "ticket", "reason", "receivedAt")}
    return {
        **opening.named(found.journal_id),
        **asked,
        "waiting": list(_waiting(record)),
        "runs": list(_runs(record.conclusions)),
        "devices": [_device(record, *about) for about in record.history.subjects()],
        "acts": [
            {
                "at": act.at.isoformat(),
                "act": act.kind.value,
                "run": act.run,
                "operator": act.operator,
                "reason": act.reason,
            }
            for act in record.acts
        ],
        "steps": [
            {
                "at": entry.at.isoformat(),
                "run": entry.run,
                "attempt": entry.attempt,
                "dryRun": entry.dry_run,
                "step": entry.step.value,
                "action": entry.action.value,
                "autopilotDeviceId": entry.device.autopilot_device_id,
                "assigned": entry.device.assigned(entry.action),
            }
            for entry in record.history.entries
        ],
    }


def _runs(conclusions: Sequence[Conclusion]) -> Iterator[Mapping[str, Any]]:
    for end in conclusions:
        data = _data(end)
        yield {
            "at": end.at.isoformat(),
            "run": end.run,
            "dryRun": end.dry_run,
            "verification": end.of_a_verification,
            "attempt": data.get("attempt"),
            "outcome": data.get("outcome"),
            "settlement": "complete" if isinstance(end.settlement, Complete) else "deadLetter",
            "deadLetterReason": data.get("deadLetterReason"),
            "description": end.settlement.description if isinstance(end.settlement, DeadLetter) else None,
        }


def _device(record: ports.Record, device: AutopilotDeviceId, action: Action) -> Mapping[str, Any]:
    """A device as the latest report had it; one that no report has yet, has no outcome, but at a terminal.

    A dead letter of a run that did nothing about a device says again what was known by then, and not what a look saw.
    """
    first = record.history.first(device, action)
    at_work = {
        entry.run for entry in record.history.entries if folded(entry.device.autopilot_device_id) == folded(device)
    }
    told: list[Mapping[str, Any]] = []
    for end in record.conclusions:
        lines = [line for line in _data(end).get("devices", ()) if _is_about(line, device, action)]
        refused = isinstance(end.settlement, DeadLetter) and not end.of_a_verification
        if not (told and refused and end.run not in at_work):
            told += lines
    latest = told[-1] if told else _at_a_terminal(record, device, action)
    return {
        "autopilotDeviceId": device,
        "action": action.value,
        "serialNumber": first.device.serial_number if first else None,
        "assignedBefore": first.device.assigned(action) if first else None,
        "outcome": latest.get("outcome"),
        "detail": latest.get("detail"),
        "undone": record.history.live().undone(device, action) is not None,
    }


def _is_about(line: Mapping[str, Any], device: AutopilotDeviceId, action: Action) -> bool:
    same_device = folded(str(line.get("autopilotDeviceId"))) == folded(device)
    return same_device and line.get("action") == action.value


def _at_a_terminal(record: ports.Record, device: AutopilotDeviceId, action: Action) -> Mapping[str, Any]:
    """What became of a device by the journal alone: nothing reports or verifies what was done at a terminal."""
    if not _was_at_a_terminal(record):
        return {}
    live = record.history.live()
    if live.accepted(device, action) or (live.undone(device, action) and live.last_unassigned(device, action)):
        return {"outcome": Outcome.UNASSIGNED.value, "detail": "Graph accepted it; nobody verifies it"}
    if live.unanswered(device, action):
        return {"outcome": Outcome.FAILED.value, "detail": Detail.ANSWER_LOST.value}
    return {"outcome": "leftAlone", "detail": "nothing was changed"}


def _was_at_a_terminal(record: ports.Record) -> bool:
    return any(act.kind is ActKind.UNASSIGN for act in record.acts)


def _waiting(record: ports.Record) -> Iterator[str]:
    """What has begun, and has not ended as far as the record tells."""
    if _was_at_a_terminal(record):
        return  # done at a terminal: no message waits, and nothing verifies it
    live = record.history.live()
    ends = {end.run: end for end in record.conclusions if not (end.dry_run or end.of_a_verification)}
    verified = {end.run for end in record.conclusions if end.of_a_verification}
    replayed = {act.run for act in record.acts if act.kind is ActKind.REPLAY}
    begun = {entry.run for entry in live.entries if entry.step not in _UNDO} | replayed
    no_event = bool(ends) and all(end.of_a_body for end in ends.values())
    for run in sorted(begun - ends.keys()):
        if no_event:
            yield f"run {run} was sent with a corrected body: look for it under the event id in that"
        else:
            yield f"run {run} has not ended: its message waits, or is in hand"
    for run in sorted(ends.keys() - verified):
        end = ends[run]
        own = History.of(entry for entry in live.entries if entry.run == run)
        if not end.of_a_body and (isinstance(end.settlement, Complete) or own.changed()):
            yield f"the verification of run {run} has not ended"


def _data(end: Conclusion) -> Mapping[str, Any]:
    data = json.loads(end.document).get("data")
    return data if isinstance(data, dict) else {}
