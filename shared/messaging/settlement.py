"""How a message ends: a value that processing returns and the settler applies, once for each delivery.

A delayed retry and a put-off both schedule a copy and then complete the original; only the first counts as an attempt.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.messaging.dead_letters import Reason
from shared.messaging.slot import Slot

DESCRIPTION_LIMIT: Final = 1024
"""Characters of a dead-letter description; the broker's own limit is not published, other systems cut here too."""


class PutOffReason(StrEnum):
    """Why a message waits although nothing failed."""

    NOT_YET_EFFECTIVE = "notYetEffective"
    """Its `effectiveAt` is in the future."""
    SAME_EVENT_IN_HAND = "sameEventInHand"
    """Another delivery of the same event is being handled here at this moment."""
    NOT_YET_CONCLUDED = "notYetConcluded"
    """It verifies a run that has not ended yet."""
    RATE_LIMIT = "rateLimit"
    """Graph may not be asked, or not be written to, before then."""


@dataclass(frozen=True, slots=True)
class Complete:
    """Every device is in a final state."""


@dataclass(frozen=True, slots=True)
class Abandon:
    """Give it back at once: our own bug, which the next delivery may not meet."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Waiting can't mend it. `description` names ids only, nothing personal."""

    reason: Reason
    description: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "description", self.description[:DESCRIPTION_LIMIT])


@dataclass(frozen=True, slots=True)
class DelayedRetry:
    """Try again after `delay`; counts as an attempt."""

    delay: timedelta


@dataclass(frozen=True, slots=True)
class PutOff:
    """Handle it at `until` (UTC); not an attempt. `slot` is the place under the rate limit that is kept for it."""

    until: datetime
    why: PutOffReason
    slot: Slot | None = None


type LastSettlement = Complete | DeadLetter
"""The settlements after which nothing more is done; each is reported by an outcome event."""

type Settlement = Complete | Abandon | DeadLetter | DelayedRetry | PutOff
