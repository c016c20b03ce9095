"""Which dead letters are meant: by sequence number or message id, reason and age. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.messaging.dead_lettered import DeadLettered


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What an operator asked for; what was not asked for is empty or None, and lets everything through.

    `names` are sequence numbers or message ids. Age counts from when the very first message arrived.
    """

    names: Sequence[str] = ()
    reasons: Sequence[str] = ()
    older_than: timedelta | None = None
    newer_than: timedelta | None = None

    def takes(self, letter: DeadLettered, now: datetime) -> bool:
        """Whether the dead letter is one of those that are meant."""
        return (
            (not self.names or any(is_named(letter, name) for name in self.names))
            and (not self.reasons or letter.reason.casefold() in {reason.casefold() for reason in self.reasons})
            and (self.older_than is None or age(letter, now) > self.older_than)
            and (self.newer_than is None or age(letter, now) < self.newer_than)
        )


def is_named(letter: DeadLettered, name: str) -> bool:
    """Whether a name is this dead letter's sequence number or message id, or the id of the message that it is a copy of."""
    return name in (str(letter.sequence_number), letter.message.message_id, letter.message.original_message_id)


def age(letter: DeadLettered, now: datetime) -> timedelta:
    """How long ago the very first message arrived; never less than nothing, for clocks differ."""
    return max(now - letter.message.first_enqueued_at, timedelta(0))


def ambiguous(letters: Sequence[DeadLettered], names: Sequence[str]) -> str | None:
    """The first name that is one dead letter's number and another's id, or that of several queues; None if all are clear."""
    for name in names:
        meant = {(each.message.queue, each.message.message_id) for each in letters if is_named(each, name)}
        if len(meant) > 1:
            return name
    return None


def missing(letters: Sequence[DeadLettered], names: Sequence[str]) -> str | None:
    """The first name that is none of the dead letters', or None."""
    return next((name for name in names if not any(is_named(each, name) for each in letters)), None)
