"""An event that is not on record, looked for where it may wait: in the queues, at once or until its time. Changes nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from azure.servicebus.exceptions import ServiceBusError

from cli import peeking, service_bus
from shared import mapping_file
from shared.domain.errors import InvalidMessage
from shared.messaging import contract
from shared.settings.fields import Settings


async def found(event_id: str, event_types: Sequence[str], settings: Settings) -> Sequence[Mapping[str, Any]]:
    """Each message of the event: its queue, and until when it waits there. Empty where no queue can be looked into."""
    decode = mapping_file.decoder(settings.mapping_file) or contract.decode
    told = []
    for event_type in event_types:
        queue = service_bus.named_queue(event_type)
        if not queue:
            continue
        try:
            async for each in peeking.waiting(queue):
                try:
                    its_id = decode(each.message, event_type).request.event_id
                except InvalidMessage:
                    continue
                if its_id == event_id:
                    told.append({"queue": queue, "until": each.until.isoformat() if each.until else None})
        except (ServiceBusError, TimeoutError, OSError):
            continue
    return told


def in_words(each: Mapping[str, Any]) -> str:
    """Where it waits, and until when."""
    return f"it waits in {each['queue']}" + (
        f" until {each['until'][:16].replace('T', ' ')} UTC" if each["until"] else ""
    )
