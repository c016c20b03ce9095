"""The Service Bus that the app settings name, for a command: its queues, its client, and what to say if it can't be reached."""

from typing import Final, NoReturn

from azure.servicebus.aio import ServiceBusClient

from cli import exits, signing_in
from shared.domain import events
from shared.settings import fields, reading

_QUEUES: Final = {
    events.UserOffboarded.TYPE: "user_offboarding_queue",
    events.DeviceRetired.TYPE: "device_retirement_queue",
}


def queue_of(event_type: str) -> str:
    """The name of an event's queue; ends the command if it is not set."""
    field = fields.TABLE[_QUEUES[event_type]]
    return _optional(_QUEUES[event_type]) or exits.refuse(f"{field.name} is missing: give {field.kind.form}")


def named_queue(event_type: str) -> str:
    """The name of an event's queue; empty if it, or where Service Bus is, is not set."""
    reachable = _optional("connection_string") or _optional("namespace")
    return _optional(_QUEUES[event_type]) if reachable else ""


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
    if not namespace:
        exits.refuse(
            f"{fields.CONNECTION} is missing: give a connection string, or {fields.NAMESPACE} to sign in as yourself"
        )
    return ServiceBusClient(namespace, signing_in.signed_in(), retry_total=1)


def refuse_unreachable(queue: str, error: Exception, before: str = "") -> NoReturn:
    """End the command: the queue could not be reached; `before` tells what had been done by then."""
    exits.refuse(
        f"{before}{queue} could not be reached ({type(error).__name__}): check ServiceBusConnection and the network"
    )


def _optional(field: str) -> str:
    return reading.process_environment().get(fields.TABLE[field].name, "").strip()
