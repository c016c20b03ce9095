"""How `offboard unassign` shows what came of each device: a table, JSON, or the cmdlet's own `true`; and how far it is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli import output, words
from cli.unassigning.carrying import Done
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.report import Outcome, worst

type Headers = Mapping[AutopilotDeviceId, Mapping[str, str]]


class Bar:
    """How many devices are done, on standard error where that is a terminal, and where there is more than one."""

    def __init__(self, progress: Progress, devices: int) -> None:
        self._progress = progress
        self._task = progress.add_task("unassigning", total=devices)

    def told(self, _: Done) -> None:
        """One more is done."""
        self._progress.advance(self._task)


@contextmanager
def bar(devices: int) -> Iterator[Bar]:
    """A bar while it lasts."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(
        *columns, console=console, transient=True, disable=devices < 2 or not console.is_terminal
    ) as progress:
        yield Bar(progress, devices)


def as_json(results: Sequence[Done], headers: Headers, *, event_id: EventId | None) -> None:
    """One document; `eventId` is that of the journal, or null if nothing was recorded."""
    output.as_json(
        {
            "outcome": worst(done.report for done in results).value,
            "eventId": event_id,
            "devices": [_line(done, headers) for done in results],
        }
    )


def as_text(results: Sequence[Done], headers: Headers) -> None:
    """A table, and then the headers of each answer, if they are wanted."""
    rows = [
        {
            "outcome": done.report.outcome.value,
            "serialNumber": before.serial_number if (before := done.report.before) else None,
            "assigned": before.assigned(done.report.action) if before else None,
            "autopilotDeviceId": done.report.autopilot_device_id,
            "detail": done.report.detail,
        }
        for done in results
    ]
    output.table(["outcome", "serialNumber", "assigned", "autopilotDeviceId", "detail"], rows)
    for device, named in headers.items():
        typer.echo(f"\n{device}")
        for name, value in named.items():
            typer.echo(f"  {name}: {words.printable(value)}")


def passed_through(results: Sequence[Done]) -> None:
    """`true` for each device whose call succeeded, else `false`; nothing for what was not called."""
    for done in results:
        if done.report.outcome is not Outcome.WOULD_UNASSIGN:
            typer.echo("true" if done.succeeded else "false")


def _line(done: Done, headers: Headers) -> dict[str, Any]:
    report, before = done.report, done.report.before
    line: dict[str, Any] = {
        "autopilotDeviceId": report.autopilot_device_id,
        "action": report.action.value,
        "outcome": report.outcome.value,
        "detail": report.detail,
        "succeeded": done.succeeded,
        "before": before
        and {
            "userPrincipalName": before.user_principal_name,
            "addressableUserName": before.addressable_user_name,
            "resourceName": before.resource_name,
            "groupTag": before.group_tag,
            "serialNumber": before.serial_number,
        },
    }
    if (named := headers.get(report.autopilot_device_id)) is not None:
        line["responseHeaders"] = dict(named)
    return line
