"""How a run of an event ends: once, on record before it is published, and the same for whoever comes later.

Knows the journal, the outcome event and the topic; nothing of handling or settling.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import message_log, ports, telemetry
from shared.domain import errors
from shared.messaging import conclusion, outcome
from shared.messaging.conclusion import Conclusion
from shared.messaging.settlement import LastSettlement
from shared.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """Ends runs. An event id stands for one event for `message_max_age`, and must not be used again after that."""

    journal: ports.Journal
    publisher: ports.OutcomePublisher
    clock: ports.Clock
    message_max_age: timedelta

    async def repeat(self, record: ports.Record, progress: Progress) -> LastSettlement | None:
        """Publish again how this run, or its verification, ended, and return that settlement; None if it has not.

        Raises InvalidMessage if its event id was used for something else, or long ago, and OutcomeNotPublished.
        """
        ended = self._ended(record, progress) if progress.verification is None else _verified(record, progress)
        if ended is None:
            return None
        await self.publisher.publish(outcome.publication(ended.document))
        return ended.settlement

    async def conclude(self, progress: Progress, decision: LastSettlement) -> LastSettlement:
        """Journal the final outcome, publish what is on record, and return the settlement that is on record."""
        now = self.clock.now()
        event = outcome.event(progress.subject(), decision, progress.reports, now=now)
        on_record = await self.journal.conclude(
            Conclusion(
                event_id=progress.journal_id,
                run=progress.run,
                dry_run=progress.dry_run,
                fingerprint=progress.fingerprint,
                settlement=decision,
                document=event.document(),
                at=now,
            )
        )
        await self.publisher.publish(outcome.publication(on_record.document))
        message_log.concluded(progress.message, outcome=event.data.outcome.value, dry_run=progress.dry_run)
        telemetry.concluded(event)
        return on_record.settlement

    def _ended(self, record: ports.Record, progress: Progress) -> Conclusion | None:
        """How this very run ended, if it has. Raises InvalidMessage if its event id was used for something else, or long ago."""
        same = of_the_run(record, progress.run, dry_run=progress.dry_run, fingerprint=progress.fingerprint)
        if same is not None and long_ago(same, progress.message.first_enqueued_at, self.message_max_age):
            raise errors.InvalidMessage(
                "$.eventId", "was used by an event that ended long ago: give each event its own id"
            )
        return same


def long_ago(end: Conclusion, enqueued_at: datetime, message_max_age: timedelta) -> bool:
    """Whether an event that came at `enqueued_at` must be another one than that which ended so under the same id."""
    return enqueued_at - end.at > message_max_age


def of_the_run(record: ports.Record, run: int, *, dry_run: bool, fingerprint: str) -> Conclusion | None:
    """How a run of the event with these contents ended, or None. Raises InvalidMessage if its id was used for something else."""
    ends = [
        end
        for end in record.conclusions
        if (end.run, end.dry_run) == (run, dry_run) and not (end.of_a_body or end.of_a_verification)
    ]
    begun = {each.fingerprint for each in record.history.entries if (each.run, each.dry_run) == (run, dry_run)}
    same = next((end for end in ends if end.fingerprint == fingerprint), None)
    if same is None and (ends or begun - {fingerprint}):
        raise errors.InvalidMessage(
            "$.eventId", "was used by an event about something else: give each event its own id"
        )
    return same


def of_the_verified_run(record: ports.Record, progress: Progress) -> Conclusion | None:
    """How the run that a verification is about ended, or None."""
    own = None if progress.event is None else conclusion.fingerprint(progress.event)
    return next((end for end in record.conclusions if _is(end, progress, own)), None)


def _verified(record: ports.Record, progress: Progress) -> Conclusion | None:
    return next((end for end in record.conclusions if _is(end, progress, progress.fingerprint)), None)


def _is(end: Conclusion, progress: Progress, fingerprint: str | None) -> bool:
    return progress.belongs(end.run, dry_run=end.dry_run) and end.fingerprint == fingerprint
