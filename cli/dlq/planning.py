"""What is to become of one dead letter that an operator wants replayed: it may go, or why it may not. Pure."""

from dataclasses import dataclass
from typing import Final

from cli.dlq import understanding
from cli.dlq.understanding import Understood
from shared.messaging import replays
from shared.messaging.dead_letters import Reason

_RELEASE: Final = "--override --because TEXT releases it"
_AGAIN: Final = {
    Reason.STALE_MESSAGE.value: "its age only grows",
    Reason.BLAST_RADIUS_EXCEEDED.value: "unless the hour is over, or the setting was changed since",
    Reason.SUSPICIOUS_SCAN.value: "unless the list is whole again, or was released since",
}
"""When it is not so of what a guard refused; of the others, see `warning`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator wants of each chosen dead letter. `body` is the corrected one, if there is one.

    `other` says that it is meant to be about somebody or something else, or another event.
    """

    operator: str
    because: str
    max_replays: int
    override: bool = False
    other: bool = False
    body: bytes | None = None


def objection(dead: Understood, wish: Wish) -> str:
    """Why this dead letter is not replayed, with the mend; empty if it may be."""
    sent = dead if wish.body is None else dead.with_body(wish.body)
    if refused := objection_to_any_body(dead, wish, corrected=wish.body is not None):
        return refused
    if sent.problem:
        return f"would be refused again: {sent.problem}: correct it with --edit or --body FILE"
    if not wish.other and understanding.is_another(dead, sent):
        return (
            "the corrected body names somebody, a device or an event id that the original does not: look at it again; "
            "if that is meant, add --other"
        )
    return ""


def about(dead: Understood, wish: Wish) -> str:
    """Whom or what it is about, and which event it is; old -> new where a corrected body says something else."""
    old = understanding.subject(dead)
    new = old if wish.body is None else understanding.subject(dead.with_body(wish.body))
    return new if old in ("", new) else f"{old} -> {new or 'nobody knows whom'}"


def warning(dead: Understood, wish: Wish) -> str | None:
    """What the operator should know before it goes: of a guard's refusal that nobody releases, that it comes back."""
    reason = dead.letter.reason
    if wish.override:
        return "with an override"
    if reason not in replays.OVERRIDABLE:
        return None
    return f"is refused again, {_AGAIN.get(reason, 'unless the setting was changed since')}: {_RELEASE}"


def objection_to_any_body(dead: Understood, wish: Wish, *, corrected: bool) -> str:
    """Why it is not replayed, whatever a corrected body says; empty if it depends on that."""
    letter = dead.letter
    if letter.message.run >= wish.max_replays:
        times = "once" if letter.message.run == 1 else f"{letter.message.run} times"
        return f"its event was replayed {times} already: mend the cause, then raise --max-replays"
    if wish.override and letter.reason not in replays.OVERRIDABLE:
        return f"no guard refused it ({letter.reason or 'no reason'}): leave --override out"
    if dead.is_verification and corrected:
        return "is a message of our own, with nothing to correct: leave --body and --edit out"
    if dead.is_verification and dead.problem:
        return f"would be refused again: {dead.problem}: discard it"
    return ""
