"""Options that several subcommands share, in groups, and the parts of an event that each group makes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go ahead without being asked.")]
Operator = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who does this, for the record. Default: the signed-in user.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def one_of[E: StrEnum](kind: type[E]) -> Callable[[str], E]:
    """Reads an option that is one of a few words; Typer's own refusal begins with words of pydantic's."""

    def read(text: str) -> E:
        if text in list(kind):
            return kind(text)
        raise typer.BadParameter(f"{text!r} is not one of {', '.join(kind)}.")

    return read


def completed[E: StrEnum](kind: type[E]) -> Callable[[str], list[str]]:
    """Those of the few words that begin so, for a shell that completes."""
    return lambda incomplete: [each for each in kind if each.startswith(incomplete)]


def queues(incomplete: str) -> list[str]:
    """The queues of the settings that begin so, for a shell that completes."""
    from cli import service_bus

    return [each for each in service_bus.named_queues() if each.startswith(incomplete)]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Whom or what an event is about."""

    user: Annotated[str | None, typer.Option(help="The leaver's user principal name.")] = None
    user_id: Annotated[str | None, typer.Option(help="The leaver's Entra object id.")] = None
    previous_user: Annotated[
        list[str] | None, typer.Option(metavar="<str>", help="A former user principal name; may be repeated.")
    ] = None
    serial_number: Annotated[str | None, typer.Option(help="The device's serial number.")] = None
    autopilot_device_id: Annotated[str | None, typer.Option(help="The device's Autopilot id.")] = None
    entra_device_id: Annotated[str | None, typer.Option(help="The device's Entra device id.")] = None
    managed_device_id: Annotated[str | None, typer.Option(help="The device's Intune id.")] = None

    @property
    def leaver(self) -> Mapping[str, Any]:
        """The event's `user`; what was not given is None."""
        return {
            "id": self.user_id,
            "userPrincipalName": self.user,
            "previousUserPrincipalNames": self.previous_user,
        }

    @property
    def device(self) -> Mapping[str, Any]:
        """The event's `device`; what was not given is None."""
        return {
            "autopilotDeviceId": self.autopilot_device_id,
            "serialNumber": self.serial_number,
            "entraDeviceId": self.entra_device_id,
            "managedDeviceId": self.managed_device_id,
        }


@dataclass(frozen=True, kw_only=True)
class Actions:
    """What is done to a device."""

    resource_account: Annotated[
        bool, typer.Option("--resource-account", help="The device's resource account too, beside the user.")
    ] = False

    @property
    def names(self) -> list[str] | None:
        """The event's `actions`; None for the usual one."""
        return ["unassignUser", "unassignResourceAccount"] if self.resource_account else None


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What must hold of a device."""

    assigned_user: Annotated[str | None, typer.Option(help="Act only if the device names this user.")] = None
    resource_account_name: Annotated[
        str | None, typer.Option(help="Act only if the device names this resource account.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What both events carry."""

    event_id: Annotated[
        str | None, typer.Option(help="The event's own id; an event is acted on once, however often it is sent.")
    ] = None
    occurred_at: Annotated[str | None, typer.Option(help="When it happened, such as 2026-11-30T17:00:00Z.")] = None
    effective_at: Annotated[str | None, typer.Option(help="Not before this time, such as 2026-12-01T18:00:00Z.")] = None
    requested_by: Annotated[str | None, typer.Option(help="Who asks; returned in the outcome.")] = None
    ticket: Annotated[str | None, typer.Option(help="A reference of yours; returned in the outcome.")] = None
    reason: Annotated[str | None, typer.Option(help="Why; returned in the outcome.")] = None
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="The event asks for a dry run: it is sent, and the service changes nothing and reports what it would do.",
        ),
    ] = False

    @property
    def fields(self) -> Mapping[str, Any]:
        """The event's fields; what was not given is None."""
        return {
            "eventId": self.event_id,
            "occurredAt": self.occurred_at,
            "effectiveAt": self.effective_at,
            "requestedBy": self.requested_by,
            "ticket": self.ticket,
            "reason": self.reason,
            "dryRun": self.dry_run or None,
        }


@dataclass(frozen=True, kw_only=True)
class Table:
    """Many events, one in each row of a CSV file."""

    csv: Annotated[
        Path | None,
        typer.Option("--csv", help="A CSV file with a header and an event in each row; - reads standard input."),
    ] = None
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN",
            help="Which column a field is in, such as userPrincipalName='Work Email'; may be repeated.",
        ),
    ] = None
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column that is not read, though its name is nearly a field's."),
    ] = None
    event: Annotated[
        str | None, typer.Option(help="The rows' event: user.offboarded or device.retired, if the columns fit both.")
    ] = None
    delimiter: Annotated[
        str | None, typer.Option(help="What stands between the cells; by default , or ; or tab, as the header has it.")
    ] = None


@dataclass(frozen=True, kw_only=True)
class Raw:
    """A message as it is, in the place of an event."""

    raw: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Put the bytes of a file into a queue as they are, not checked: to practise with dead letters, or to "
            "try out a mapping; - reads standard input.",
        ),
    ] = None
    queue: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="With --raw: which queue of the settings; by default that of leavers.",
            autocompletion=queues,
        ),
    ] = None
    message_id: Annotated[str | None, typer.Option(help="With --raw: the message's id; by default a new one.")] = None
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="NAME=VALUE", help="With --raw: an application property; may be repeated."),
    ] = None
