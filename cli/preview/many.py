"""`offboard preview --csv`: what would become of each row's devices, some rows at a time, from one look at the Autopilot list."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import typer
from azure.servicebus.exceptions import ServiceBusError

from cli import output, progress, sending, service_bus, standing
from cli.csv_file.rows import EventOfRow, EventsOfFile
from cli.exit_codes import Exit
from cli.preview import telling
from cli.preview.findings import COLUMNS, Finding
from cli.preview.looking import Previewer
from shared.domain.errors import InvalidMessage, TransientError

AT_ONCE: Final = 16


async def run(found: EventsOfFile, *, as_json: bool) -> int:
    """Print what would become of each device; 1 if a message would be dead-lettered or a device fail.

    Ends the command with 2 if Graph can't be asked.
    """
    typer.echo(f"{found.file}: {found.columns.described()}", err=True)
    async with Previewer() as previewer:
        looked = await _all(previewer, found.rows)
    in_queue = await _in_queue(found)
    if in_queue.unseen:
        typer.echo(f"not looked into, for what was sent before: {in_queue.unseen}", err=True)
    rows = [(row, looked[row.number]) for row in found.rows]
    needed = sum(finding.writes for finding in looked.values() if finding.waits_until is None)
    if as_json:
        told = [
            {"row": row.number, "about": row.event.about(), **finding.as_json(), **in_queue.of(row)}
            for row, finding in rows
        ]
        beside = {"cost": previewer.cost.as_json(), **telling.on_record(previewer, needed)}
        output.as_json(
            {"rows": told, **beside, "queue": {"lookedAt": not in_queue.unseen, "why": in_queue.unseen or None}}
        )
    else:
        lines = [line for row, finding in rows for line in _lines(row, finding, in_queue)]
        output.table(["row", *COLUMNS], lines)
        counted = Counter(line["outcome"] for line in lines)
        typer.echo(", ".join(f"{number} {outcome}" for outcome, number in counted.most_common()))
        output.say(previewer.cost.described())
        telling.hour_and_journal(previewer, needed)
    left = previewer.on_record.left_this_hour
    too_many = left is not None and needed > left
    if too_many:
        typer.echo(
            "sent now, those beyond this hour's limit would be dead-lettered BlastRadiusExceeded: "
            "raise BLAST_RADIUS_PER_HOUR, or send fewer at a time",
            err=True,
        )
    failed = too_many or any(finding.failed for finding in looked.values())
    return Exit.SOME_FAILED if failed else Exit.DONE


async def _all(previewer: Previewer, rows: Sequence[EventOfRow]) -> Mapping[int, Finding]:
    looked: dict[int, Finding] = {}
    failures: list[BaseException] = []
    try:
        with progress.bar("looking", len(rows)) as advance:
            async with asyncio.TaskGroup() as group:
                waiting = iter(rows)
                for _ in range(AT_ONCE):
                    group.create_task(_look(previewer, waiting, looked, advance))
    except* TransientError as unanswered:
        failures += unanswered.exceptions
    if failures:
        telling.refuse(failures[0])
    return looked


async def _look(
    previewer: Previewer, waiting: Iterator[EventOfRow], looked: dict[int, Finding], advance: Callable[[int], None]
) -> None:
    for row in waiting:
        looked[row.number] = await previewer.look(row.event)
        advance(1)


@dataclass(frozen=True, slots=True)
class _Queue:
    """By message id, what waits in the queue, and until when; nothing, and why, where it was not looked into."""

    waiting: Mapping[str, datetime | None]
    unseen: str = ""

    def of(self, row: EventOfRow) -> Mapping[str, Any]:
        """One row's, for JSON."""
        message_id = sending.steady_message_id(row.event)
        if message_id not in self.waiting:
            return {}
        until = self.waiting[message_id]
        return {"inQueue": True, "inQueueUntil": until.isoformat() if until else None}


async def _in_queue(found: EventsOfFile) -> _Queue:
    queue = service_bus.named_queue(found.columns.event_type)
    if not queue:
        return _Queue({}, "its queue: the settings that lead to it are not given")
    try:
        return _Queue(await standing.in_queue(queue))
    except (ServiceBusError, TimeoutError, OSError) as error:
        return _Queue({}, f"{queue} ({type(error).__name__})")


def _lines(row: EventOfRow, finding: Finding, in_queue: _Queue) -> Iterator[Mapping[str, Any]]:
    waits = in_queue.of(row)
    until = f" until {waits['inQueueUntil'][:16].replace('T', ' ')} UTC" if waits.get("inQueueUntil") else ""
    begins = [f"waits until {finding.waits_until:%Y-%m-%d %H:%M} UTC"] if finding.waits_until else []
    for line in _of_row(row, finding):
        told = [line.get("detail"), *begins, *([f"in the queue already{until}"] if waits else [])]
        yield {**line, "detail": ", ".join(filter(None, told)) or None}


def _of_row(row: EventOfRow, finding: Finding) -> list[Mapping[str, Any]]:
    """The row's devices; without any, one line that says why."""
    if finding.ended is not None:
        return [
            {
                "row": row.number,
                "outcome": finding.last_word(),
                "detail": f"handled already, on {finding.ended.at:%Y-%m-%d}",
            }
        ]
    if finding.refusal is not None:
        of_the_row = isinstance(finding.refusal, InvalidMessage)  # what others mean is in docs/dead-letters.md
        why = finding.why_not() if of_the_row else type(finding.refusal).__name__
        return [{"row": row.number, "outcome": "failed", "detail": why}]
    devices = finding.devices() or [{"outcome": "noDevices"}]
    return [{"row": row.number, **device} for device in devices]
