"""`offboard preview` of one event."""

from dataclasses import replace
from typing import Any

import typer

from cli import output, words
from cli.events import OutgoingEvent
from cli.exit_codes import Exit
from cli.preview import telling
from cli.preview.findings import COLUMNS, Finding
from cli.preview.looking import Previewer
from shared.domain.errors import BlastRadiusExceeded, TransientError


async def run(event: OutgoingEvent, *, as_json: bool) -> int:
    """Print what would become of each device; 1 if the message would be dead-lettered or a device fail.

    Ends the command with 2 if Graph can't be asked.
    """
    async with Previewer() as previewer:
        try:
            finding = _within_the_hour(await previewer.look(event), previewer)
        except TransientError as error:
            telling.refuse(error)
    if as_json:
        document: dict[str, Any] = {**finding.as_json(), "cost": previewer.cost.as_json()}
        output.as_json({**document, **telling.on_record(previewer, finding.writes)})
    else:
        _print(finding, previewer)
    return Exit.SOME_FAILED if finding.failed else Exit.DONE


def _within_the_hour(finding: Finding, previewer: Previewer) -> Finding:
    """The event's devices are counted in one go, before the first: too many for this hour, and nothing is done about any."""
    left = previewer.on_record.left_this_hour
    if left is None or finding.writes <= left or finding.waits_until is not None:
        return finding
    refusal = BlastRadiusExceeded(
        f"{words.counted(finding.writes, 'device')} would be unassigned, and {left} more may be this hour; "
        f"BLAST_RADIUS_PER_HOUR is {previewer.limit}"
    )
    return replace(finding, refusal=refusal, failed=True)


def _print(finding: Finding, previewer: Previewer) -> None:
    if why := finding.why_not():
        typer.echo(f"nothing would be done: {why}", err=True)
    elif rows := finding.devices():
        output.table(COLUMNS, rows)
    else:
        typer.echo("no Autopilot device would be touched: none was found")
    if not why:
        if finding.waits_until is not None:
            output.say(f"it would wait until {finding.waits_until:%Y-%m-%d %H:%M} UTC; what is found then, counts")
        output.say(previewer.cost.described())
    telling.hour_and_journal(previewer, finding.writes)
