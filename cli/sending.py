"""`offboard send`: one event to its queue, over the connection that the app settings name."""

import asyncio
import json
import secrets
from datetime import timedelta
from typing import Final

import typer
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError

from cli import exits
from cli.events import OutgoingEvent
from shared.domain import events
from shared.messaging import message_ids
from shared.settings import fields, reading

DEADLINE: Final = timedelta(seconds=20)
_QUEUES: Final = {
    events.UserOffboarded.TYPE: "user_offboarding_queue",
    events.DeviceRetired.TYPE: "device_retirement_queue",
}


async def send(event: OutgoingEvent, *, as_json: bool) -> None:
    """Send it under a message id of its own; a repeat is told by its event id, by the service. Ends with 2 if it can't."""
    queue = _setting(_QUEUES[event.type])
    message = ServiceBusMessage(
        event.body(), message_id=new_message_id(event.event_id), subject=event.type, content_type="application/json"
    )
    try:
        async with (
            asyncio.timeout(DEADLINE.total_seconds()),
            _client() as client,
            client.get_queue_sender(queue) as sender,
        ):
            await sender.send_messages(message)
    except (ServiceBusError, TimeoutError, OSError) as error:
        exits.refuse(
            f"{queue} could not be reached ({type(error).__name__}): check ServiceBusConnection and the network"
        )
    if as_json:
        typer.echo(json.dumps({"eventId": event.event_id, "type": event.type, "queue": queue}))
    else:
        typer.echo(f"sent {event.type} {event.event_id} to {queue}")


def new_message_id(event_id: str) -> str:
    """An id that no other message has: with the event's own, duplicate detection would drop a live run after a dry one.

    It never looks like that of a scheduled copy, `{id}:{digits}`.
    """
    return message_ids.bounded_message_id(f"{event_id}-{secrets.token_hex(4)}")


def _client() -> ServiceBusClient:
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
    from azure.identity.aio import DefaultAzureCredential

    return ServiceBusClient(namespace, DefaultAzureCredential(), retry_total=1)


def _setting(field: str) -> str:
    return _optional(field) or exits.refuse(
        f"{fields.TABLE[field].name} is missing: give {fields.TABLE[field].kind.form}"
    )


def _optional(field: str) -> str:
    return reading.process_environment().get(fields.TABLE[field].name, "").strip()
