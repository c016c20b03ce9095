"""The Service Bus that the app settings name, for a command: its queues, its client, and what to say if it can't be reached."""

from collections.abc import Collection
from typing import Final, NoReturn

from azure.servicebus.aio import ServiceBusClient

from cli import exits, signing_in
from shared.domain import events
from shared.settings import fields, misspelling, reading

_QUEUES: Final = {
    events.UserOffboarded.TYPE: "user_offboarding_queue",
    events.DeviceRetired.TYPE: "device_retirement_queue",
}


def queue_of(event_type: str) -> str:
    """The name of an event's queue; ends the command if it, or where Service Bus is, is not set: with all that is missing."""
    field, queue = fields.TABLE[_QUEUES[event_type]], _optional(_QUEUES[event_type])
    missing = ["" if queue else f"{field.name} is missing: give {field.kind.form}", _nowhere()]
    if any(missing):
        exits.refuse("\n".join(filter(None, missing)))
    return queue


def ours(queue: str) -> str:
    """A queue that the settings name; ends the command if it is another, or if where Service Bus is is not set."""
    if missing := _nowhere():
        exits.refuse(missing)
    return one_of(queue, named_queues())


def one_of(queue: str, known: Collection[str]) -> str:
    """A queue that is among those known; ends the command if it is another."""
    if queue not in known:
        meant = misspelling.near(queue, list(known))
        mend = f"did you mean {meant}?" if meant else f"give --queue {', or '.join(known)}"
        exits.refuse(f"{queue} is not a queue of the settings: {mend}")
    return queue


def named_queues() -> list[str]:
    """The queues that the settings name."""
    fields_of_queues = (*_QUEUES.values(), "verification_queue")
    return [name for name in map(_optional, fields_of_queues) if name]


def named_queue(event_type: str) -> str:
    """The name of an event's queue; empty if it, or where Service Bus is, is not set."""
    return "" if _nowhere() else _optional(_QUEUES[event_type])


def client() -> ServiceBusClient:
    """A client, by connection string or as whoever is signed in; ends the command if neither is set."""
    connection_string, namespace = _optional("connection_string"), _optional("namespace")
    if connection_string:
        try:
            return ServiceBusClient.from_connection_string(connection_string, retry_total=1)
        except ValueError:
            exits.refuse(
                f"{fields.CONNECTION} is not a connection string: give {fields.TABLE['connection_string'].kind.form}"
            )
    if missing := _nowhere():
        exits.refuse(missing)
    return ServiceBusClient(namespace, signing_in.signed_in(), retry_total=1)


def refuse_unreachable(queue: str, error: Exception, before: str = "") -> NoReturn:
    """End the command: the queue could not be reached; `before` tells what had been done by then."""
    exits.refuse(
        f"{before}{queue} could not be reached ({type(error).__name__}): check ServiceBusConnection and the network"
    )


def _nowhere() -> str:
    """What is missing, if nothing says where Service Bus is; else empty."""
    if _optional("connection_string") or _optional("namespace"):
        return ""
    return f"{fields.CONNECTION} is missing: give a connection string, or {fields.NAMESPACE} to sign in as yourself"


def _optional(field: str) -> str:
    return reading.process_environment().get(fields.TABLE[field].name, "").strip()
