"""What came of each chosen dead letter, as the command tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.messaging.dead_lettered import DeadLettered


class What(StrEnum):
    """What came of it."""

    WOULD_REPLAY = "wouldReplay"
    REPLAYED = "replayed"
    WOULD_DISCARD = "wouldDiscard"
    DISCARDED = "discarded"
    REFUSED = "refused"
    """It must not be done; it stays where it is."""
    FAILED = "failed"
    """It may have been done in part; doing it again finishes it."""
    NOT_REACHED = "notReached"
    """It was not handed out: locked elsewhere, settled since, or stopped before its turn."""


_IN_WORDS = {
    What.WOULD_REPLAY: "would be replayed",
    What.WOULD_DISCARD: "would be discarded",
    What.NOT_REACHED: "not reached",
}
_GOOD = {What.WOULD_REPLAY, What.REPLAYED, What.WOULD_DISCARD, What.DISCARDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of one. `replay` is the number of the replay, `replay_id` its message id; `detail` says why, if need be.

    `event_id` is the event's that was replayed, to ask `offboard status` about, and `about` says whom or what that is about;
    empty if nobody can read it. `unreachable` names what was out of reach.
    """

    letter: DeadLettered
    what: What
    replay: int | None = None
    replay_id: str | None = None
    detail: str | None = None
    event_id: str | None = None
    about: str = ""
    unreachable: str | None = None

    @property
    def good(self) -> bool:
        """Whether it is as the operator wanted it."""
        return self.what in _GOOD

    def in_words(self) -> str:
        """What there is to say of it beside what came of it."""
        return ": ".join(text for text in (self.replay and f"as replay {self.replay}", self.detail) if text)

    def row(self) -> Mapping[str, Any]:
        """The result as a table or a JSON document shows it."""
        return {
            "result": self.what.value,
            "queue": self.letter.message.queue,
            "number": self.letter.sequence_number,
            "messageId": self.letter.message.message_id,
            "reason": self.letter.reason,
            "about": self.about or None,
            "replay": self.replay,
            "replayId": self.replay_id,
            "eventId": self.event_id,
            "detail": self.detail,
        }


def counted(results: Sequence[Result]) -> str:
    """How many of each, in words."""
    counts = {what: sum(each.what is what for each in results) for what in What}
    return ", ".join(f"{number} {_IN_WORDS.get(what, what)}" for what, number in counts.items() if number)
