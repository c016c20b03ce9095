"""`offboard status`: what the journal knows of an event, or of all that were about a user or a device, or gave a ticket."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import typer

from cli import output
from cli.exit_codes import Exit
from cli.records import opening, queued, showing, telling
from cli.records.opening import Found
from cli.records.queued import Queues
from shared.domain.identifiers import EventId, SerialNumber, UserPrincipalName
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import TableJournal
from shared.settings.fields import Settings

_AT_ONCE: Final = 16
_SHOWN_WHOLE: Final = 10
"""So many events are told with all that happened; of more, each in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """About one of the four; `event_type` is for the first."""

    event_id: str | None = None
    event_type: str | None = None
    user: str | None = None
    serial_number: str | None = None
    ticket: str | None = None

    def __str__(self) -> str:
        if self.event_id is not None:
            return (
                f"event {self.event_id}: it was not taken yet, waits for its time, was dead-lettered before "
                "it could be read (offboard dlq list), or has another id"
            )
        if self.user is not None:
            return f"the user: no record that an event saw named {self.user}"
        if self.serial_number is not None:
            return f"the device: no event saw the serial number {self.serial_number}"
        return f"ticket {self.ticket}: no event has ended that gave it"


async def run(question: Question, *, as_json: bool) -> int:
    """Print what is on record, the latest event last; 1 if nothing is."""
    settings = opening.settings()
    async with opening.journal(settings) as journal:
        found = await _found(question, journal)
        asked = not found and question.event_id is not None
        queues = await _queues(question, settings) if asked else queued.NOT_ASKED
    documents = [telling.document(each) for each in sorted(found, key=_latest)]
    if as_json:
        output.as_json({"events": documents, **queues.as_json()})
    elif len(documents) > _SHOWN_WHOLE:
        showing.overview(documents)
    else:
        for number, document in enumerate(documents):
            if number:
                typer.echo()
            showing.show(document)
    if not documents:
        _say_that_nothing_is(question, queues)
        return Exit.SOME_FAILED
    return Exit.DONE


def _say_that_nothing_is(question: Question, queues: Queues) -> None:
    where = queues.in_words()
    typer.echo(
        f"nothing is on record yet about event {question.event_id}: {where}"
        if where
        else f"nothing is on record about {question}",
        err=True,
    )
    if queues.unseen:
        typer.echo(f"the queues could not be looked into: {'; '.join(queues.unseen)}", err=True)


async def _queues(question: Question, settings: Settings) -> Queues:
    """What of the event is in the queues and among their dead letters."""
    types = [each for each in opening.EVENT_TYPES if question.event_type in {None, each}]
    return await queued.look(question.event_id or "", types, settings)


async def _found(question: Question, journal: SqliteJournal | TableJournal) -> Sequence[Found]:
    if question.event_id is not None:
        return await opening.of_event(journal, question.event_id, question.event_type)
    if question.user is not None:
        ids = await journal.of_user(UserPrincipalName(question.user))
    elif question.serial_number is not None:
        ids = await journal.of_serial_number(SerialNumber(question.serial_number))
    else:
        ids = await journal.of_ticket(question.ticket or "")
    turns = asyncio.Semaphore(_AT_ONCE)

    async def read(event: EventId) -> Found:
        async with turns:
            return Found(event, await journal.read(event))

    return await asyncio.gather(*(read(each) for each in ids if opening.is_event(each)))


def _latest(found: Found) -> datetime:
    record = found.record
    times = [entry.at for entry in record.history.entries]
    return max([*times, *(end.at for end in record.conclusions), *(act.at for act in record.acts)])
