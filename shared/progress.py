"""How far one delivery has come: what is known of it by now, which is what its outcome will say. Knows no port but the clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Self

from shared import ports
from shared.domain import acts, events
from shared.domain.events import Action
from shared.domain.history import Entry, History
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.report import DeviceReport
from shared.messaging import conclusion, outcome, settlement
from shared.messaging.incoming import IncomingMessage
from shared.messaging.verification import Verification
from shared.recording import Run

VERIFICATION: Final = "verification"
"""The event type of what is in the queue of verifications and is none."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """One delivery of a run of an event, or of a `verification` of it.

    `run` is the event's; `written` is what this attempt added to the `history` that it read.
    """

    message: IncomingMessage
    event_type: str
    request: events.Request
    fingerprint: str
    dry_run: bool
    run: int
    arrived_at: datetime
    event: events.Event | None = None
    verification: Verification | None = None
    history: History = field(default_factory=History)
    written: list[Entry] = field(default_factory=list)
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
            run=message.run,
            arrived_at=message.first_enqueued_at,
        )

    @property
    def journal_id(self) -> EventId:
        """What the journal knows the event by: two queues may use the same event ids for different things."""
        return EventId(f"{self.event_type}:{self.request.event_id}")

    @property
    def attempt(self) -> int:
        """Which attempt of the run this is, or which look at what it did."""
        return self.message.attempt if self.verification is None else self.verification.number

    def subject(self) -> outcome.Subject:
        """What its outcome event is about."""
        return outcome.Subject(
            event_type=self.event_type,
            request=self.request,
            run=self.run,
            attempt=self.attempt,
            received_at=self.arrived_at,
            dry_run=self.dry_run,
            verification=self.verification is not None or self.event_type == VERIFICATION,
            replay=0 if self.verification is None else self.message.run,
        )

    def understood(self, event: events.Event) -> None:
        """The body is this event."""
        self.event, self.request, self.fingerprint = event, event.request, conclusion.fingerprint(event)
        self.dry_run = self.dry_run or event.request.dry_run

    def verifies(self, event: events.Event, verification: Verification) -> None:
        """The message is to verify a run of this event, a live one."""
        self.event, self.request, self.verification = event, event.request, verification
        self.fingerprint = conclusion.fingerprint_of_verification(event, replay=self.message.run)
        self.event_type, self.run, self.arrived_at = verification.event_type, verification.run, verification.arrived_at
        self.dry_run = False

    def forget_the_event(self) -> None:
        """What is no event, or uses another's id, ends under the id of its message, so that it is nobody else's end."""
        self.fingerprint = conclusion.fingerprint_of_body(self.message.body)
        name = self.message.default_event_id
        if self.event is not None:  # its message may have the id of the event that it is not
            name = f"{name}:{self.fingerprint}"
        self.request = replace(self.request, event_id=EventId(name))

    def belongs(self, run: int, *, dry_run: bool) -> bool:
        """Whether something on record is of this very run."""
        return run == self.run and dry_run == self.dry_run

    def as_run(self, record: ports.Record) -> Run:
        """What the handlers need to know of this delivery, and of what is on record about its event."""
        fingerprint = self.fingerprint if self.event is None else conclusion.fingerprint(self.event)
        return Run(
            event_id=self.journal_id,
            number=self.run,
            attempt=self.attempt,
            dry_run=self.dry_run,
            history=record.history,
            event_at=self.request.dates_from(self.arrived_at),
            fingerprint=fingerprint,
            released=acts.released(record.acts, override=self.message.override, run=self.run, fingerprint=fingerprint),
            booking=ports.Booking(self.message.slot),
            written=self.written,
        )

    def changed(self) -> Sequence[tuple[AutopilotDeviceId, Action]]:
        """The devices and actions that a POST of this event, in this attempt or before, may have changed."""
        return self._known().changed()

    def changed_in_this_run(self) -> Sequence[tuple[AutopilotDeviceId, Action]]:
        """Those of them that this very run may have changed; what another one changed is followed by that one's look."""
        return History(tuple(entry for entry in self._known().entries if entry.run == self.run)).changed()

    def _known(self) -> History:
        return History((*self.history.live().entries, *self.written))


SAME_EVENT_WAIT: Final = timedelta(seconds=5)
"""How long a second delivery of an event that is in hand in this process is put off."""


def in_hand_elsewhere(clock: ports.Clock, message: IncomingMessage) -> settlement.PutOff:
    """What becomes of a second delivery of an event that somebody is handling."""
    return settlement.PutOff(now(clock, message) + SAME_EVENT_WAIT, settlement.PutOffReason.SAME_EVENT_IN_HAND)


def put_off_to_its_slot(wait: ports.NoPermitYet, clock: ports.Clock, message: IncomingMessage) -> settlement.PutOff:
    """What becomes of a message that waits for the rate limit: its slot is a time by our clock, its copy's by the broker's."""
    behind = now(clock, message) - clock.now()
    return settlement.PutOff(wait.until + behind, settlement.PutOffReason.RATE_LIMIT, wait.slot)


def now(clock: ports.Clock, message: IncomingMessage) -> datetime:
    """This moment, and never before the message arrived: were our clock behind the broker's, a copy would come at once."""
    return max(clock.now(), message.enqueued_at)
