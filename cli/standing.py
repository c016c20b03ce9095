"""Where each event of a file stands before it is sent: handled, by the journal, or still in its queue. Changes nothing."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from azure.servicebus.aio import ServiceBusReceiver
from azure.servicebus.exceptions import ServiceBusAuthenticationError, ServiceBusAuthorizationError, ServiceBusError

from cli import progress, sending, service_bus
from cli.csv_file.rows import EventOfRow, EventsOfFile
from cli.records import opening
from cli.records.opening import NotThere
from shared import concluding, ports
from shared.domain.errors import InvalidMessage, JournalUnavailable
from shared.domain.identifiers import EventId
from shared.messaging import conclusion
from shared.servicebus import reading
from shared.settings.fields import Settings

AT_ONCE: Final = 16
_PAGE: Final = 250
_NO_RIGHT: Final = (ServiceBusAuthorizationError, ServiceBusAuthenticationError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """By row number: the outcome of what was `handled`, what is `waiting` in the queue, and event ids `used` by something else.

    `unseen` says what could not be looked at, and why.
    """

    handled: Mapping[int, str] = field(default_factory=dict)
    waiting: Collection[int] = ()
    used: Mapping[int, str] = field(default_factory=dict)
    unseen: Sequence[str] = ()

    def left(self, rows: Sequence[EventOfRow]) -> Sequence[EventOfRow]:
        """The rows that are still to be sent."""
        return [row for row in rows if row.number not in self.handled and row.number not in self.waiting]

    def described(self) -> str:
        """What is not sent again, in words; empty if nothing is."""
        outcomes = ", ".join(f"{number} {outcome}" for outcome, number in Counter(self.handled.values()).most_common())
        told = [f"{len(self.handled)} handled already ({outcomes})"] if self.handled else []
        told += [f"{len(self.waiting)} in the queue already"] if self.waiting else []
        return ", ".join(told)

    def of(self, row: EventOfRow) -> Mapping[str, str | None]:
        """One row's, for JSON."""
        if row.number in self.handled:
            return {"standing": "handled", "outcome": self.handled[row.number]}
        return {"standing": "inQueue" if row.number in self.waiting else "sent", "outcome": None}


async def look(found: EventsOfFile, settings: Settings, message_id: Callable[[EventOfRow], str]) -> Standing:
    """Look into the queue, then for the rest into the journal. Ends the command with 2 if the queue can't be reached.

    In this order nothing slips between the two: what left the queue meanwhile was on record before it did.
    """
    ids, unseen = await _waiting(service_bus.queue_of(found.columns.event_type))
    waiting = {row.number for row in found.rows if message_id(row) in ids}
    rest = [row for row in found.rows if row.number not in waiting]
    in_journal = await _in_journal(rest, settings)
    return replace(in_journal, waiting=waiting, unseen=[*in_journal.unseen, *unseen])


async def _in_journal(rows: Sequence[EventOfRow], settings: Settings) -> Standing:
    handled: dict[int, str] = {}
    used: dict[int, str] = {}
    async with opening.looked_into(settings) as journal:
        if isinstance(journal, NotThere):
            return Standing(unseen=[f"the journal ({journal.why})"])

        async def some(left: Iterator[EventOfRow]) -> None:
            for row in left:
                try:
                    outcome = await _ended(row, journal, dry_run=settings.dry_run)
                except InvalidMessage as error:
                    used[row.number] = str(error)
                else:
                    if outcome is not None:
                        handled[row.number] = outcome
                advance(1)

        try:
            with progress.bar("looking", len(rows)) as advance:
                waiting = iter(rows)
                await asyncio.gather(*(some(waiting) for _ in range(AT_ONCE)))
        except JournalUnavailable as error:
            return Standing(unseen=[f"the journal ({error})"])
    return Standing(handled=handled, used=used)


async def _ended(row: EventOfRow, journal: ports.Journal, *, dry_run: bool) -> str | None:
    """The outcome of the run that sending the row would be answered with, in its latest words. Raises InvalidMessage."""
    event = row.event.decoded()
    dry_run = dry_run or event.request.dry_run
    record = await journal.read(EventId(f"{row.event.type}:{row.event.event_id}"))
    fingerprint = conclusion.fingerprint(event)
    if concluding.of_the_run(record, 0, dry_run=dry_run, fingerprint=fingerprint) is None:
        return None
    ends = [end for end in record.conclusions if end.dry_run is dry_run and not end.of_a_body]
    return ends[-1].outcome or "unknown"


async def _waiting(queue: str) -> tuple[set[str], Sequence[str]]:
    try:
        async with service_bus.client() as client, client.get_queue_receiver(queue) as receiver:
            return await _ids(receiver, queue), []
    except _NO_RIGHT:
        return set(), [f"{queue} (no right to receive)"]
    except (ServiceBusError, TimeoutError, OSError) as error:
        service_bus.refuse_unreachable(queue, error)


async def _ids(receiver: ServiceBusReceiver, queue: str) -> set[str]:
    """The ids of all messages in a queue, and those of the originals of scheduled copies."""
    found: set[str] = set()
    following = 1
    while True:
        async with asyncio.timeout(sending.DEADLINE.total_seconds()):
            page = await receiver.peek_messages(_PAGE, sequence_number=following)
        if not page:
            return found
        found.update(reading.ours(message, queue=queue).original_message_id for message in page)
        following = (page[-1].sequence_number or 0) + 1
