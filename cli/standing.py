"""Where each event of a file stands before it is sent: handled, by the journal, or still in its queue. Changes nothing."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from azure.servicebus.exceptions import ServiceBusError

from cli import earlier, peeking, progress, sending, service_bus
from cli.csv_file.rows import EventOfRow, EventsOfFile
from cli.earlier import Earlier
from cli.events import OutgoingEvent
from cli.records import opening
from cli.records.opening import NotThere
from shared import bootstrap, ports
from shared.domain.errors import InvalidMessage, JournalUnavailable
from shared.domain.report import Outcome
from shared.settings.fields import Settings

AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """By row number: how ended what was `handled`, what is `waiting` in the queue, and event ids that are `used` up.

    `traces` are of what was done under a row's id beside: see Earlier. `unseen` says what could not be looked at, and why;
    `without_journal`, whether that is among it.
    """

    handled: Mapping[int, Earlier] = field(default_factory=dict)
    waiting: Collection[int] = ()
    used: Mapping[int, str] = field(default_factory=dict)
    traces: Mapping[int, str] = field(default_factory=dict)
    unseen: Sequence[str] = ()
    without_journal: bool = False

    def left(self, rows: Sequence[EventOfRow]) -> Sequence[EventOfRow]:
        """The rows that are still to be sent."""
        return [row for row in rows if row.number not in self.handled and row.number not in self.waiting]

    def described(self) -> str:
        """What is not sent again, in words; empty if nothing is."""
        counted = Counter(each.outcome for each in self.handled.values()).most_common()
        outcomes = ", ".join(f"{number} {outcome}" for outcome, number in counted)
        told = [f"{len(self.handled)} handled already ({outcomes}; ended {self._days()})"] if self.handled else []
        if undone := sum(each.undone_at is not None for each in self.handled.values()):
            told += [f"{undone} of them undone since (--again WORD has them acted on)"]
        told += [f"{len(self.waiting)} in the queue already"] if self.waiting else []
        return ", ".join(told)

    def failed(self) -> int:
        """How many of those that were handled failed, and need somebody."""
        return sum(each.outcome == Outcome.FAILED.value for each in self.handled.values())

    def of(self, row: EventOfRow) -> Mapping[str, str | None]:
        """One row's, for JSON."""
        if (ended := self.handled.get(row.number)) is not None:
            return {
                "standing": "handled",
                "outcome": ended.outcome,
                "endedAt": ended.at.isoformat() if ended.at else None,
            }
        return {"standing": "inQueue" if row.number in self.waiting else "sent", "outcome": None, "endedAt": None}

    def message_id(self, row: EventOfRow) -> str:
        """The id to send the row under: another than before where something else was done under its event id."""
        return sending.steady_message_id(row.event, self.traces.get(row.number, ""))

    def _days(self) -> str:
        days = sorted({f"{each.at:%Y-%m-%d}" for each in self.handled.values()})
        return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


async def look(found: EventsOfFile, settings: Settings) -> Standing:
    """Look into the queue, then for the rest into the journal. Ends the command with 2 if the queue can't be reached.

    In this order nothing slips between the two: what left the queue meanwhile was on record before it did.
    """
    ids, unseen = await _waiting(service_bus.queue_of(found.columns.event_type))
    waiting = {row.number for row in found.rows if sending.steady_message_id(row.event) in ids}
    rest = [row for row in found.rows if row.number not in waiting]
    in_journal = await _in_journal(rest, settings)
    waiting |= {row.number for row in rest if in_journal.message_id(row) in ids}
    return replace(in_journal, waiting=waiting, unseen=[*in_journal.unseen, *unseen])


async def _in_journal(rows: Sequence[EventOfRow], settings: Settings) -> Standing:
    looked: dict[int, Earlier] = {}
    used: dict[int, str] = {}
    async with opening.looked_into(settings) as journal:
        if isinstance(journal, NotThere):
            return Standing(unseen=[f"the journal ({journal.why})"], without_journal=True)

        async def some(left: Iterator[EventOfRow]) -> None:
            for row in left:
                try:
                    looked[row.number] = await of_event(row.event, journal, settings)
                except InvalidMessage as error:
                    used[row.number] = str(error)
                advance(1)

        try:
            with progress.bar("looking", len(rows)) as advance:
                waiting = iter(rows)
                await asyncio.gather(*(some(waiting) for _ in range(AT_ONCE)))
        except JournalUnavailable as error:
            return Standing(unseen=[f"the journal ({error})"], without_journal=True)
    handled = {number: each for number, each in looked.items() if each.end is not None}
    traces = {number: each.trace for number, each in looked.items() if each.trace}
    return Standing(handled=handled, used=used, traces=traces)


async def of_event(outgoing: OutgoingEvent, journal: ports.Journal, settings: Settings) -> Earlier:
    """What is on record of an event, sent now. Raises InvalidMessage where the service would, and JournalUnavailable."""
    event = outgoing.decoded()
    return earlier.found(
        await journal.read(outgoing.journal_id),
        event,
        dry_run=settings.dry_run or event.request.dry_run,
        now=bootstrap.SystemClock().now(),
        message_max_age=settings.message_max_age,
    )


async def _waiting(queue: str) -> tuple[Collection[str], Sequence[str]]:
    try:
        return await in_queue(queue), []
    except peeking.NO_RIGHT:
        return set(), [f"{queue} (no right to receive)"]
    except (ServiceBusError, TimeoutError, OSError) as error:
        service_bus.refuse_unreachable(queue, error)


async def in_queue(queue: str) -> Mapping[str, datetime | None]:
    """The ids of all messages in a queue, and those of the originals of scheduled copies, with when they come up."""
    return {each.message.original_message_id: each.until async for each in peeking.waiting(queue)}
