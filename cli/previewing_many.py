"""`offboard preview --csv`: what would become of each row's devices, some rows at a time, from one look at the Autopilot list."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import typer

from cli import output, previewing, progress
from cli.csv_file.rows import EventOfRow, EventsOfFile
from cli.exit_codes import Exit
from cli.previewing import Finding, Previewer
from shared.domain.errors import TransientError

AT_ONCE: Final = 16


async def run(found: EventsOfFile, *, as_json: bool) -> int:
    """Print what would become of each device; 1 if a message would be dead-lettered or a device fail.

    Ends the command with 2 if Graph can't be asked.
    """
    typer.echo(f"{found.file}: {found.columns.described()}", err=True)
    findings: dict[int, Finding] = {}
    failures: list[BaseException] = []
    async with Previewer() as previewer:
        try:
            with progress.bar("looking", len(found.rows)) as advance:
                async with asyncio.TaskGroup() as group:
                    waiting = iter(found.rows)
                    for _ in range(AT_ONCE):
                        group.create_task(_look(previewer, waiting, findings, advance))
        except* TransientError as unanswered:
            failures += unanswered.exceptions
    if failures:
        previewing.refuse(failures[0])
    rows = [(row, findings[row.number]) for row in found.rows]
    if as_json:
        told = [{"row": row.number, "about": row.event.about(), **finding.as_json()} for row, finding in rows]
        output.as_json({"rows": told, "cost": previewer.cost.as_json()})
    else:
        lines = [line for row, finding in rows for line in _lines(row, finding)]
        output.table(["row", *previewing.COLUMNS], lines)
        counted = Counter(line["outcome"] for line in lines)
        typer.echo(", ".join(f"{number} {outcome}" for outcome, number in counted.most_common()))
        typer.echo(previewer.cost.described())
    failed = any(finding.failed for finding in findings.values())
    return Exit.SOME_FAILED if failed else Exit.DONE


async def _look(
    previewer: Previewer, waiting: Iterator[EventOfRow], findings: dict[int, Finding], advance: Callable[[int], None]
) -> None:
    for row in waiting:
        findings[row.number] = await previewer.look(row.event)
        advance(1)


def _lines(row: EventOfRow, finding: Finding) -> list[Mapping[str, Any]]:
    """The row's devices; without any, one line that says why."""
    if finding.refusal is not None:
        return [{"row": row.number, "outcome": "failed", "detail": type(finding.refusal).__name__}]
    devices = finding.devices() or [{"outcome": "noDevices"}]
    return [{"row": row.number, **device} for device in devices]
