"""How a run of an event ends: once, on record before it is published, and the same for whoever comes later.

Knows the journal, the outcome event and the topic; nothing of handling or settling.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Self

from shared import message_log, ports
from shared.domain import errors, events
from shared.domain.history import History
from shared.domain.identifiers import EventId
from shared.domain.report import DeviceReport
from shared.messaging import conclusion, outcome
from shared.messaging.conclusion import Conclusion
from shared.messaging.incoming import IncomingMessage
from shared.messaging.settlement import LastSettlement


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far one delivery has come; what is known of it is what its outcome will say."""

    message: IncomingMessage
    event_type: str
    request: events.Request
    fingerprint: str
    dry_run: bool
    decoded: bool = False
    history: History = field(default_factory=History)
    reports: list[DeviceReport] = field(default_factory=list)

    @classmethod
    def begin(cls, message: IncomingMessage, event_type: str, *, dry_run: bool) -> Self:
        """A delivery of which nothing is known but its message."""
        return cls(
            message=message,
            event_type=event_type,
            request=events.Request(event_id=EventId(message.default_event_id)),
            fingerprint=conclusion.fingerprint_of_body(message.body),
            dry_run=dry_run,
        )

    @property
    def journal_id(self) -> EventId:
        """What the journal knows the event by: two queues may use the same event ids for different things."""
        return EventId(f"{self.event_type}:{self.request.event_id}")

    def understood(self, event: events.Event) -> None:
        """The body is this event."""
        self.request, self.fingerprint, self.decoded = event.request, conclusion.fingerprint(event), True
        self.dry_run = self.dry_run or event.request.dry_run

    def forget_the_event(self) -> None:
        """What is no event, or uses another's id, ends under the id of its message, so that it is nobody else's end."""
        self.fingerprint = conclusion.fingerprint_of_body(self.message.body)
        name = self.message.default_event_id
        if self.decoded:  # its message may have the id of the event that it is not
            name = f"{name}:{self.fingerprint}"
        self.request = replace(self.request, event_id=EventId(name))

    def belongs(self, run: int, *, dry_run: bool) -> bool:
        """Whether something on record is of this very run."""
        return run == self.message.run and dry_run == self.dry_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """Ends runs. An event id stands for one event for `message_max_age`, and must not be used again after that."""

    journal: ports.Journal
    publisher: ports.OutcomePublisher
    clock: ports.Clock
    message_max_age: timedelta

    async def repeat(self, record: ports.Record, progress: Progress) -> LastSettlement | None:
        """Publish again how this run ended, if it has, and return that settlement. Raises as `_ended`, and OutcomeNotPublished."""
        ended = self._ended(record, progress)
        if ended is None:
            return None
        await self.publisher.publish(outcome.publication(ended.document))
        return ended.settlement

    async def conclude(self, progress: Progress, decision: LastSettlement) -> LastSettlement:
        """Journal the final outcome, publish what is on record, and return the settlement that is on record."""
        now = self.clock.now()
        event = outcome.event(
            progress.message,
            progress.event_type,
            progress.request,
            decision,
            progress.reports,
            dry_run=progress.dry_run,
            now=now,
        )
        on_record = await self.journal.conclude(
            Conclusion(
                event_id=progress.journal_id,
                run=progress.message.run,
                dry_run=progress.dry_run,
                fingerprint=progress.fingerprint,
                settlement=decision,
                document=event.document(),
                at=now,
            )
        )
        await self.publisher.publish(outcome.publication(on_record.document))
        message_log.concluded(progress.message, outcome=event.data.outcome.value, dry_run=progress.dry_run)
        return on_record.settlement

    def _ended(self, record: ports.Record, progress: Progress) -> Conclusion | None:
        """How this very run ended, if it has. Raises InvalidMessage if its event id was used for something else, or long ago."""
        ends = [
            end for end in record.conclusions if progress.belongs(end.run, dry_run=end.dry_run) and not end.of_a_body
        ]
        begun = {
            entry.fingerprint for entry in record.history.entries if progress.belongs(entry.run, dry_run=entry.dry_run)
        }
        same = next((end for end in ends if end.fingerprint == progress.fingerprint), None)
        if same is None and (ends or begun - {progress.fingerprint}):
            raise errors.InvalidMessage(
                "$.eventId", "was used by an event about something else: give each event its own id"
            )
        if same is not None and progress.message.first_enqueued_at - same.at > self.message_max_age:
            raise errors.InvalidMessage(
                "$.eventId", "was used by an event that ended long ago: give each event its own id"
            )
        return same
