"""`offboard send --raw`: bytes as they are, unchecked, into a queue: to practise with dead letters, or to try out a mapping."""

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer
from azure.servicebus import ServiceBusMessage

from cli import events, exits, output, properties, sending, service_bus, words
from shared.domain import events as domain

if TYPE_CHECKING:
    from cli.commands.options import Raw

_LONGEST_ID: Final = 128
"""As Service Bus has it."""


def run(file: Path, asked: "Raw", *, yes: bool, as_json: bool) -> None:
    """Ask, and send them. Ends the command with 2 if it can't."""
    name = service_bus.queue_of(domain.UserOffboarded.TYPE) if asked.queue is None else service_bus.ours(asked.queue)
    given = properties.parsed(asked.properties or [])
    body = events.content_of(file)
    if asked.message_id is not None and not 0 < len(asked.message_id.strip()) <= _LONGEST_ID:
        exits.refuse(f"--message-id must have 1 to {_LONGEST_ID} characters")
    chosen = asked.message_id or str(uuid.uuid4())
    size = words.counted(len(body), "byte")
    exits.confirm(f"Put {size} into {name} as they are, unchecked (message {words.printable(chosen)})?", yes=yes)
    asyncio.run(
        sending.put(
            ServiceBusMessage(body, message_id=chosen, application_properties=dict[str | bytes, Any](given.items())),
            name,
        )
    )
    if as_json:
        output.as_json({"messageId": chosen, "queue": name, "bytes": len(body), "checked": False})
    else:
        typer.echo(f"sent {size} to {name} as message {words.printable(chosen)}, unchecked")
