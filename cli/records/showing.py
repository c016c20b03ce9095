"""An event's record for people: what it came to, its devices, and all that happened in the order of time; folds at 80 columns."""

from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

import typer
from rich.console import Console

from cli import output, words

type Document = Mapping[str, Any]

_STEPS: Final = {
    "found": "read; nothing was sent",
    "intent": "about to unassign",
    "withdrawn": "nothing was sent, or nothing came of it",
    "accepted": "Graph accepted the unassignment",
    "restoring": "undo: about to assign again",
    "restored": "undo: assigned again",
    "notRestored": "undo: nobody was assigned",
    "clear": "read back, and clear",
}
_UNDO: Final = {"restoring", "restored", "notRestored"}
_ASKED: Final = {"requestedBy": "requested by", "ticket": "ticket", "reason": "reason", "receivedAt": "received"}


def show(event: Document, target: Console | None = None) -> None:
    """Print it, to standard output if nowhere else."""
    console = target or output.console()
    typer.echo(f"{words.printable(event['eventId'])}  {event['eventType'] or 'at a terminal'}")
    for name, label in _ASKED.items():
        if event[name]:
            value = f"{words.moment(event[name])} UTC" if name == "receivedAt" else words.printable(str(event[name]))
            typer.echo(f"{label:12}  {value}")
    for waiting in event["waiting"]:
        typer.echo(f"waiting       {waiting}")
    if event["devices"]:
        typer.echo()
        rows = [_device(line) for line in event["devices"]]
        output.put(console, output.tabulated(["device", "assigned before", "outcome", "detail"], rows))
    typer.echo()
    rows = sorted(_happened(event), key=itemgetter("at"))
    output.put(console, output.tabulated(["when (UTC)", "run", "what", "device"], rows))


def overview(events: Sequence[Document]) -> None:
    """Many events, each in one line: how it ended last, or that it has not."""
    output.table(["event", "ended", "outcome", "devices"], [_in_short(event) for event in events])
    typer.echo(f"{len(events)} events; offboard status EVENT_ID tells all of one, --json of each.")


def _in_short(event: Document) -> Document:
    latest = event["runs"][-1] if event["runs"] else None
    return {
        "event": event["eventId"],
        "ended": words.moment(latest["at"])[:10] if latest else None,
        "outcome": latest["outcome"] if latest else _outcomes(event) or "not reported yet",
        "devices": len(event["devices"]),
    }


def _outcomes(event: Document) -> str:
    return ", ".join(dict.fromkeys(line["outcome"] for line in event["devices"] if line["outcome"]))


def _device(line: Document) -> Document:
    undone = ["undone"] if line["undone"] and line["detail"] != "undone" else []
    return {
        "device": line["serialNumber"] or line["autopilotDeviceId"],
        "assigned before": line["assignedBefore"],
        "outcome": line["outcome"] or "not reported yet",
        "detail": ", ".join(filter(None, [line["detail"], *undone])),
    }


def _happened(event: Document) -> Iterator[Document]:
    names = {line["autopilotDeviceId"]: line["serialNumber"] for line in event["devices"]}
    for step in event["steps"]:
        account = " (resource account)" if step["action"] == "unassignResourceAccount" else ""
        undo = step["step"] in _UNDO
        told = f"{_STEPS[step['step']]}{account}"
        what = told if undo else f"attempt {step['attempt']}: {told}"
        device = step["autopilotDeviceId"]
        yield _row(step, what, names.get(device) or device)
    for end in event["runs"]:
        by = f"look {end['attempt']}" if end["verification"] else f"attempt {end['attempt']}"
        dead = f", dead-lettered {end['deadLetterReason']}: {end['description']}" if end["deadLetterReason"] else ""
        yield _row(end, f"{by}: ended {end['outcome']}{dead}")
    idle = _idle_undos(event)
    for act in event["acts"]:
        why = f": {act['reason']}" if act["reason"] else ""
        nothing = ", nothing was assigned again" if act in idle else ""
        yield _row(act, f"{act['act']} by {act['operator']}{why}{nothing}")


def _idle_undos(event: Document) -> list[Document]:
    """The undos after which nothing was assigned again, up to the next one."""
    undos = sorted((act for act in event["acts"] if act["act"] == "undo"), key=itemgetter("at"))
    begun = [step["at"] for step in event["steps"] if step["step"] in {"restoring", "restored"}]
    ends = [*(act["at"] for act in undos[1:]), None]
    return [
        act
        for act, end in zip(undos, ends, strict=False)
        if not any(act["at"] <= at and (end is None or at < end) for at in begun)
    ]


def _row(happened: Document, what: str, device: str | None = None) -> Document:
    dry = " (dry run)" if happened.get("dryRun") else ""
    at = happened["at"]
    return {"at": at, "when (UTC)": words.moment(at), "run": happened["run"], "what": f"{what}{dry}", "device": device}
