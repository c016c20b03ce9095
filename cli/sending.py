"""`offboard send`: one event to its queue, over the connection that the app settings name."""

import asyncio
import json
import secrets
from datetime import timedelta
from typing import Final

import typer
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import MessageSizeExceededError, ServiceBusError

from cli import exits, service_bus
from cli.events import OutgoingEvent
from shared.messaging import message_ids

DEADLINE: Final = timedelta(seconds=20)


async def send(event: OutgoingEvent, queue: str, *, as_json: bool) -> None:
    """Send it under a message id of its own; a repeat is told by its event id, by the service. Ends with 2 if it can't."""
    await put(message(event, new_message_id(event.event_id)), queue)
    if as_json:
        typer.echo(json.dumps({"eventId": event.event_id, "type": event.type, "queue": queue}))
    else:
        typer.echo(f"sent {event.type} {event.event_id} to {queue}")


async def put(sent: ServiceBusMessage, queue: str) -> None:
    """Send one message to a queue. Ends the command with 2 if it can't."""
    try:
        async with (
            asyncio.timeout(DEADLINE.total_seconds()),
            service_bus.client() as client,
            client.get_queue_sender(queue) as sender,
        ):
            await sender.send_messages(sent)
    except MessageSizeExceededError:
        exits.refuse(f"nothing was sent: the message is larger than {queue} takes")
    except (ServiceBusError, TimeoutError, OSError) as error:
        service_bus.refuse_unreachable(queue, error)


def message(event: OutgoingEvent, message_id: str) -> ServiceBusMessage:
    """The event as a message."""
    return ServiceBusMessage(event.body(), message_id=message_id, subject=event.type, content_type="application/json")


def new_message_id(event_id: str) -> str:
    """An id that no other message has: with the event's own, duplicate detection would drop a live run after a dry one.

    It never looks like that of a scheduled copy, `{id}:{digits}`.
    """
    return message_ids.bounded_message_id(f"{event_id}-{secrets.token_hex(4)}")


def steady_message_id(event: OutgoingEvent, trace: str = "") -> str:
    """The same for the same event, so that the queue drops it when it comes again; another for a dry run than for a live one.

    The queue goes by the id alone: what it dropped for an hour, it would drop although a `trace` shows that something else is
    wanted now, such as a live run of what the service handled dry. It never looks like that of a scheduled copy, `{id}:{digits}`.
    """
    parts = [event.event_id, "dry" if event.data.get("dryRun") else "live", *([trace] if trace else [])]
    return message_ids.bounded_message_id("-".join(parts))
