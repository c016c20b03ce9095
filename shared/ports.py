"""What the handlers and the processor need of the outside, each a role with two to four verbs.

Adapters translate and decide nothing. Every call to the outside ends within a deadline of at most 20 s (a whole list of
many pages within 120 s). A method raises only what its docstring names: a TransientError subclass when waiting may help, a
PermanentError subclass when it can't.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from shared.domain.acts import Act
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.events import Action
from shared.domain.history import Entry, History
from shared.domain.identifiers import AutopilotDeviceId, EventId, SerialNumber, UserObjectId, UserPrincipalName
from shared.messaging.conclusion import Conclusion
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.messaging.slot import Slot


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...


SENT_WITHIN: Final = timedelta(milliseconds=1300)
"""What changes a record goes with a fresh read of it: it is on its way within this, or it is not sent at all."""


class AutopilotDevices(Protocol):
    """The tenant's Autopilot records.

    All raise GraphThrottled, GraphUnavailable, TokenUnavailable, GraphPermissionDenied or GraphRequestRejected.
    """

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        """The record as it is this moment, or None if Graph has none by this id."""
        ...

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        """Ask Graph to unassign the user or the resource account. Accepted is not done: a later read verifies it.

        It is sent within SENT_WITHIN or not at all. GraphUnavailable leaves it unknown whether the request took effect.
        """
        ...

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        """The records with exactly this serial number, case aside; never one that merely contains it."""
        ...

    async def directory(self, *, trusted: bool = False) -> Directory:
        """The whole list, complete and at most DIRECTORY_MAX_AGE old; shared by all who ask at the same time.

        Raises SuspiciousScan for a list that has far fewer devices than the last one, unless it is `trusted` nevertheless.
        """
        ...


class Assignments(Protocol):
    """Assigning a user to an Autopilot record: what an undo does. Raises as AutopilotDevices does."""

    async def assign_user(
        self, device: AutopilotDeviceId, user_principal_name: UserPrincipalName, addressable_user_name: str | None
    ) -> None:
        """Ask Graph to assign the user. Accepted is not done: a later read tells.

        GraphUnavailable leaves it unknown whether the request took effect.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An Entra user. `user_principal_name` is the name before deletion where the user is a deleted one."""

    user_object_id: UserObjectId
    user_principal_name: UserPrincipalName
    deleted: bool = False


class Users(Protocol):
    """The tenant's users, asked only if RESOLVE_USERS is on. Raises as AutopilotDevices does."""

    async def by_id(self, user: UserObjectId) -> User | None:
        """The user, deleted in the last 30 days or not, or None."""
        ...

    async def by_name(self, name: UserPrincipalName) -> User | None:
        """The user who holds this name now (never a deleted one), or None."""
        ...


@dataclass(frozen=True, slots=True)
class Record:
    """All that the journal holds of one event: what was decided about devices, how its runs ended, what operators did."""

    history: History = field(default_factory=History)
    conclusions: Sequence[Conclusion] = ()
    acts: Sequence[Act] = ()


class Journal(Protocol):
    """The append-only record of every decision. All raise JournalUnavailable; what returned is durable."""

    async def read(self, event_id: EventId) -> Record:
        """Everything written about the event so far, in the order of writing; one storage operation."""
        ...

    async def append(self, entry: Entry) -> None:
        """Add one entry."""
        ...

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """Write how this run ended unless that is on record already; return what is on record.

        One record for each event id, run, dry or live, and fingerprint, whoever writes at the same time.
        """
        ...

    async def note(self, act: Act) -> Act:
        """Write what an operator did unless an act of this event, kind and act id is on record; return what is."""
        ...


@dataclass(slots=True)
class Booking:
    """The slot that a message brought with it, if any, and how many of its writes are left."""

    slot: Slot | None = None
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = 0 if self.slot is None else self.slot.writes


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave for one write from this moment on, in an epoch of the quota."""

    at: datetime
    epoch: int


class NoPermitYet(Exception):
    """Graph may not be asked, or not be written to, before a time further away than anybody waits under a lock.

    Not an error: the message is put off `until` then, to the `slot` that was reserved for one write, if one was.
    """

    def __init__(self, until: datetime, slot: Slot | None) -> None:
        super().__init__(f"not before {until:%Y-%m-%dT%H:%M:%SZ}")
        self.until = until
        self.slot = slot


class WritePermits(Protocol):
    """The rate limit that all processes share. Never raises but NoPermitYet: without its storage it is cautious."""

    async def open(self, booking: Booking, *, writes: bool) -> None:
        """Return when Graph may be asked at all. `writes`: a place for one is reserved if that is far away."""
        ...

    async def take(self, booking: Booking) -> Permit:
        """Wait for leave to send one write. Taken before the device is read, so that the write can follow at once."""
        ...

    def valid(self, permit: Permit) -> bool:
        """Whether it may still be used: Graph may have asked everybody to wait since."""
        ...

    def give_back(self, permit: Permit) -> None:
        """The write was not needed."""
        ...


class NoLimit:
    """WritePermits where nobody limits: for what writes nothing, such as a preview."""

    async def open(self, booking: Booking, *, writes: bool) -> None:
        """It is always open."""

    async def take(self, booking: Booking) -> Permit:
        """There is always leave."""
        return Permit(datetime.min.replace(tzinfo=UTC), 0)

    def valid(self, permit: Permit) -> bool:
        """It always is."""
        return True

    def give_back(self, permit: Permit) -> None:
        """There is enough."""


@dataclass(frozen=True, slots=True)
class RecordState:
    """The text of a shared record, and what tells this version of it from others."""

    text: str
    version: str


class SharedRecord(Protocol):
    """One small text, ASCII, that all processes share. Both raise JournalUnavailable, within 3 s."""

    async def read(self) -> RecordState | None:
        """The record as it is, or None if there is none."""
        ...

    async def write(self, text: str, *, over: str | None) -> str | None:
        """Replace the version `over` (None: make the record); the new version, or None if `over` is not the one there by now.

        After JournalUnavailable it may have been written.
        """
        ...


class SharedRecords(Protocol):
    """The records that all processes share, kept where the journal is."""

    def record(self, name: str) -> SharedRecord:
        """The record of that name: lower-case letters and hyphens. Opens nothing."""
        ...

    async def close(self) -> None:
        """Close what was opened for them. Raises JournalUnavailable."""
        ...


class OutcomePublisher(Protocol):
    """The topic that outcome events go to."""

    async def publish(self, publication: Publication) -> None:
        """Send one outcome event; raises OutcomeNotPublished. Sent twice, it has the same id."""
        ...


class Settler(Protocol):
    """The queue that a message came from."""

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """Complete, abandon or dead-letter a delivery by its lock token. Raises SettlementFailed."""
        ...

    async def schedule(self, copy: ScheduledCopy) -> None:
        """Make a copy durable, to be enqueued later. Raises SettlementFailed; it may have arrived nevertheless."""
        ...


class SettlementFailed(Exception):
    """A message could not be settled or its copy not be scheduled; it stays locked and comes back when the lock expires.

    `lock_lost` tells that somebody else may have it already. Not an UnassignmentError: nothing decides about it again.
    """

    def __init__(self, text: str, *, lock_lost: bool = False) -> None:
        super().__init__(text)
        self.lock_lost = lock_lost


class Backlog(Protocol):
    """What lies in the queues."""

    async def oldest_active(self, queue: str) -> datetime | None:
        """When the oldest message that could be taken was enqueued (UTC), or None if there is none. Raises BacklogUnreadable."""
        ...


class BacklogUnreadable(Exception):
    """A queue could not be looked into. Not an UnassignmentError: no message waits for it."""
