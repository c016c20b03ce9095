"""An event that is not on record, looked for where it may be: in the queues, and among their dead letters. Changes nothing."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from azure.servicebus.exceptions import ServiceBusError

from cli import peeking, service_bus
from cli.records import buried
from shared import mapping_file
from shared.domain.errors import InvalidMessage
from shared.domain.events import Event
from shared.messaging import contract
from shared.messaging.incoming import IncomingMessage
from shared.settings.fields import Settings

type Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Queues:
    """Each message of the event that waits, each dead letter that names it, and what could not be looked into, with why."""

    waiting: Rows = ()
    dead_letters: Rows = ()
    unseen: Sequence[str] = ()
    looked: bool = True

    def as_json(self) -> Mapping[str, Any]:
        """For JSON; the queues count as looked at if all were."""
        seen = {"lookedAt": self.looked and not self.unseen, "why": "; ".join(self.unseen) or None}
        return {"inQueue": list(self.waiting), "deadLetters": list(self.dead_letters), "queues": seen}

    def in_words(self) -> str:
        """Where the event is; empty if it was seen nowhere."""
        return "; ".join([*map(_in_words, self.waiting), *map(buried.in_words, self.dead_letters)])


NOT_ASKED = Queues(looked=False)


async def look(event_id: str, event_types: Sequence[str], settings: Settings) -> Queues:
    """Look into the queue of each type and its dead letters, all at once."""
    decode = mapping_file.decoder(settings.mapping_file) or contract.decode
    queues = {each: service_bus.named_queue(each) for each in event_types}
    if not all(queues.values()):
        return Queues(unseen=["the settings that lead to them are not given"])
    waiting = [_seen(_waiting(event_id, each, queue, decode), queue) for each, queue in queues.items()]
    dead = [_seen(buried.found(event_id, queue), queue) for queue in queues.values()]
    looks = await asyncio.gather(*waiting, *dead)
    rows = [found for found, _ in looks]
    return Queues(
        waiting=[row for found in rows[: len(waiting)] for row in found],
        dead_letters=[row for found in rows[len(waiting) :] for row in found],
        unseen=list(dict.fromkeys(why for _, why in looks if why)),
    )


async def _seen(looking: Coroutine[Any, Any, Rows], queue: str) -> tuple[Rows, str]:
    """What was found; nothing, and why, where the queue can't be looked into."""
    try:
        return await looking, ""
    except peeking.NO_RIGHT:
        return (), f"{queue} (no right to receive)"
    except (ServiceBusError, TimeoutError, OSError) as error:
        return (), f"{queue} ({type(error).__name__})"


async def _waiting(event_id: str, event_type: str, queue: str, decode: Callable[[IncomingMessage, str], Event]) -> Rows:
    told = []
    async for each in peeking.waiting(queue):
        try:
            its_id = decode(each.message, event_type).request.event_id
        except InvalidMessage:
            continue
        if its_id == event_id:
            told.append({"queue": queue, "until": each.until.isoformat() if each.until else None})
    return told


def _in_words(each: Mapping[str, Any]) -> str:
    """Where it waits, and until when."""
    return f"it waits in {each['queue']}" + (
        f" until {each['until'][:16].replace('T', ' ')} UTC" if each["until"] else ""
    )
