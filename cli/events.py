"""One event as the operator gave it, checked against the contract before anything is sent."""

import json
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from cli import exits, misspelt, words
from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.domain.identifiers import EventId
from shared.messaging import contract, strict_json
from shared.messaging.incoming import IncomingMessage

_FORGIVING: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the time of arrival in a check that asks for none."""

FOR_DEVICES: Final = "--assigned-user, --resource-account and --resource-account-name go with a device, not with a user"


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event that keeps the contract: its type, its body's object, and its id."""

    type: str
    data: Mapping[str, Any]
    event_id: str

    @property
    def journal_id(self) -> EventId:
        """What the journal knows the event by."""
        return EventId(f"{self.type}:{self.event_id}")

    def body(self) -> bytes:
        """The body to send."""
        return json.dumps(self.data, ensure_ascii=False).encode()

    def about(self) -> str:
        """Whom or what the event is about, for people: the first name, key or id that it gives."""
        user, device = self.data.get("user") or {}, self.data.get("device") or {}
        names = [user.get("userPrincipalName"), *(user.get("previousUserPrincipalNames") or ())]
        keys = [f"{key} {value}" for key, value in {"user": user.get("id"), **device}.items() if value]
        return words.printable(next(name for name in [*names, *keys] if name))

    def with_fields(self, fields: Mapping[str, Any]) -> Self:
        """The event with the given fields laid over it; ends the command if that breaks the contract."""
        event = checked(self.type, {**self.data, **_given(fields)})
        return type(self)(event.type, event.data, event.event_id)

    def decoded(self) -> events.Event:
        """The event as the service would see it."""
        return contract.decode(as_message(self.body(), self.event_id), self.type)


def chosen(
    file: Path | None, leaver: Mapping[str, Any], device: Mapping[str, Any], retirement: Mapping[str, Any]
) -> OutgoingEvent:
    """The event in the file if one is named, else of the options; ends the command if both are given."""
    if file is None:
        return from_options(leaver, device, retirement)
    if any(map(_given, (leaver, device, retirement))):
        exits.refuse("give either --file or the options that say whom or what the event is about, not both")
    return from_file(file)


def from_options(leaver: Mapping[str, Any], device: Mapping[str, Any], retirement: Mapping[str, Any]) -> OutgoingEvent:
    """The event that the options describe; ends the command unless they describe exactly one user or one device."""
    user, device = _given(leaver), _given(device)
    if bool(user) == bool(device):
        exits.refuse(
            "give either the user who left (--user, --user-id) or the device that was retired (--serial-number, ...)"
        )
    if user:
        if _given(retirement):
            exits.refuse(FOR_DEVICES)
        return checked(events.UserOffboarded.TYPE, {"user": user})
    return checked(events.DeviceRetired.TYPE, {"device": device, **_given(retirement)})


def from_file(path: Path) -> OutgoingEvent:
    """The event in a JSON file; `user` or `device` tells which it is. Ends the command if it breaks the contract."""
    data = json_in(content_of(path), path)
    if "specversion" in data:
        exits.refuse(f"{path} holds a CloudEvents envelope: give the event object that is in its data")
    user, device = (data.get(key) is not None for key in ("user", "device"))
    if user and device:
        exits.refuse(f"{path} has both a user and a device: an event is about one of them")
    event_type = events.DeviceRetired.TYPE if device else events.UserOffboarded.TYPE
    if problems := nearly_right(data, event_type):
        exits.refuse("\n".join(f"{path}: {problem} Name it so, or leave it out" for problem in problems))
    return checked(event_type, data)


def nearly_right(data: Mapping[str, Any], event_type: str) -> list[str]:
    """The keys that the service would ignore and that look mistyped, each as a question."""
    return [
        f"{words.printable(path)} is not read; did you mean {right}?" for path, right in misspelt.keys(data, event_type)
    ]


def content_of(path: Path, at_most: int = 10 * strict_json.MAX_BYTES) -> bytes:
    """The bytes of a file, or of standard input for a dash: one more than `at_most` at most. Ends the command if there are none."""
    try:
        if str(path) == "-":
            return sys.stdin.buffer.read(at_most + 1)
        with path.open("rb") as file:
            return file.read(at_most + 1)
    except OSError as error:
        exits.refuse(f"{path} cannot be read: {error.strerror}")


def json_in(body: bytes, path: Path) -> dict[str, Any]:
    """The object in a body that came from a file; ends the command if there is none."""
    try:
        return strict_json.loads(body)
    except InvalidMessage as error:
        exits.refuse(f"{path}: {error}")


def checked(event_type: str, data: Mapping[str, Any]) -> OutgoingEvent:
    """The event with an id (a new one if it has none); ends the command if it breaks the contract."""
    event_id = str(uuid.uuid4()) if data.get("eventId") is None else data["eventId"]
    event = OutgoingEvent(event_type, {**data, "eventId": event_id}, str(event_id))
    try:
        event.decoded()
    except InvalidMessage as error:
        exits.refuse(f"the event is not valid: {error}")
    except UnicodeEncodeError:  # an argument that is not in the terminal's encoding
        exits.refuse("the event is not valid: it holds bytes that are no text")
    return event


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; an empty text counts, and is refused later: a variable that was not set must not widen the event."""
    return {name: value for name, value in fields.items() if value not in (None, [])}


def as_message(body: bytes, message_id: str, properties: Mapping[str, Any] | None = None) -> IncomingMessage:
    """A body as the service would see it arrive."""
    return IncomingMessage(
        queue="",
        message_id=message_id,
        lock_token="",
        body=body,
        delivery_count=1,
        enqueued_at=_FORGIVING,
        application_properties=properties or {},
    )
