"""`offboard send --csv`: many events to their queue in batches, each under the same message id whenever it is sent again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final

import typer
from azure.servicebus.aio import ServiceBusSender
from azure.servicebus.exceptions import MessageSizeExceededError, ServiceBusError

from cli import output, progress, sending, service_bus
from cli.csv_file.rows import EventOfRow, EventsOfFile
from cli.exit_codes import Exit
from cli.standing import Standing

BATCH_BYTES: Final = 128 * 1024
"""Half of what a Standard namespace takes at once; a batch arrives whole or not at all."""


async def send(found: EventsOfFile, standing: Standing, *, as_json: bool) -> int:
    """Send what is left; 1 if something that was handled before failed.

    Ends with 2, telling how many went, if the queue can't be reached at some point or Ctrl-C is pressed.
    """
    queue, rows = service_bus.queue_of(found.columns.event_type), standing.left(found.rows)
    sent, total = 0, len(rows)
    try:
        async with service_bus.client() as client, client.get_queue_sender(queue) as sender:
            with progress.bar("sending", total) as advance:
                async for count in _batches(sender, rows, standing):
                    sent += count
                    advance(count)
    except (ServiceBusError, TimeoutError, OSError) as error:
        service_bus.refuse_unreachable(queue, error, before=f"{_arrived(sent, total)}: ")
    except asyncio.CancelledError:
        typer.echo(f"stopped: {_arrived(sent, total)}", err=True)
        raise
    if as_json:
        told = [{"row": row.number, "eventId": row.event.event_id, **standing.of(row)} for row in found.rows]
        output.as_json({"type": found.columns.event_type, "queue": queue, "sent": sent, "events": told})
    else:
        not_again = f"; not again: {standing.described()}" if sent < len(found.rows) else ""
        output.say(f"sent {sent} {found.columns.event_type} from {found.file} to {queue}{not_again}")
    if failed := standing.failed():
        typer.echo(
            f"{failed} of those that were handled already failed, and {'is' if failed == 1 else 'are'} not sent again: "
            "offboard dlq list tells why and what to do",
            err=True,
        )
    return Exit.SOME_FAILED if failed else Exit.DONE


async def _batches(sender: ServiceBusSender, rows: Sequence[EventOfRow], standing: Standing) -> AsyncIterator[int]:
    """Send batch after batch, each within the deadline; yields how many went with each."""
    waiting = iter(rows)
    row = next(waiting, None)
    while row is not None:
        async with asyncio.timeout(sending.DEADLINE.total_seconds()):
            batch = await sender.create_message_batch(max_size_in_bytes=BATCH_BYTES)
            count = 0
            while row is not None:
                try:
                    batch.add_message(sending.message(row.event, standing.message_id(row)))
                except MessageSizeExceededError:
                    break
                count, row = count + 1, next(waiting, None)
            await sender.send_messages(batch)
        yield count


def _arrived(sent: int, total: int) -> str:
    return f"{sent} of {total} are known to have arrived; run the same command again, which acts on none twice"
