"""What must hold after a run, whatever went wrong in it. Pure: from evidence to what it contradicts.

lost            a message was sent, and its event was never reported, nor is the message in a dead-letter queue or waiting
wrongly touched a POST was accepted on a record that named somebody whom no event was about that acts
doubled         the record of a device was cleared more than once for one event
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.chaos import oracle_of_devices as devices
from tests.chaos import oracle_of_messages as messages
from tests.chaos import oracle_of_reports as reports
from tests.chaos.evidence import Evidence
from tests.chaos.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that does not hold: which claim, and what contradicts it. Names nobody."""

    claim: str
    what: str

    def __str__(self) -> str:
        return f"{self.claim}: {self.what}"


def violations(evidence: Evidence) -> list[Violation]:
    """Everything that does not hold."""
    known = Knowledge(evidence)
    return [Violation(claim, what) for claim, holds in CLAIMS.items() for what in holds(known)]


type Claim = Callable[[Knowledge], Iterator[str]]

CLAIMS: Final[dict[str, Claim]] = {
    "lost": messages.lost,
    "not ended": messages.unended,
    "replayed without end": messages.replayed_without_end,
    "settled too soon": messages.settled_too_soon,
    "settled twice": messages.settled_twice,
    "wrongly touched": devices.wrongly_touched,
    "doubled effect": devices.doubled,
    "blindly repeated": devices.blindly_repeated,
    "posted more than intended": devices.posted_more_than_intended,
    "posted without intent": devices.posted_without_intent,
    "not as it should be": devices.not_as_it_should_be,
    "unexplained dead letter": messages.unexplained,
    "personal dead letter": messages.personal_dead_letter,
    "not one outcome": reports.not_one_outcome,
    "not verified once": reports.not_verified_once,
    "untrue report": reports.untrue,
    "not what was asked": reports.not_what_was_asked,
    "untrue before": reports.untrue_before,
    "bug": messages.buggy,
}
"""Each claim by what its violation is called."""
