"""`offboard send --raw`: bytes as they are, unchecked, into a queue: to practise with dead letters, or to try out a mapping."""

import asyncio
import uuid
from pathlib import Path
from typing import Final

import typer
from azure.servicebus import ServiceBusMessage

from cli import events, exits, output, sending, service_bus, words
from shared.domain import events as domain

_LONGEST_ID: Final = 128
"""As Service Bus has it."""


def run(file: Path, queue: str | None, message_id: str | None, *, yes: bool, as_json: bool) -> None:
    """Ask, and send them. Ends the command with 2 if it can't."""
    name = service_bus.queue_of(domain.UserOffboarded.TYPE) if queue is None else service_bus.ours(queue)
    body = events.content_of(file)
    if message_id is not None and not 0 < len(message_id.strip()) <= _LONGEST_ID:
        exits.refuse(f"--message-id must have 1 to {_LONGEST_ID} characters")
    chosen = message_id or str(uuid.uuid4())
    size = words.counted(len(body), "byte")
    exits.confirm(f"Put {size} into {name} as they are, unchecked (message {words.printable(chosen)})?", yes=yes)
    asyncio.run(sending.put(ServiceBusMessage(body, message_id=chosen), name))
    if as_json:
        output.as_json({"messageId": chosen, "queue": name, "bytes": len(body), "checked": False})
    else:
        typer.echo(f"sent {size} to {name} as message {words.printable(chosen)}, unchecked")
