"""What is to become of one dead letter that an operator wants replayed: it may go, or why it may not. Pure."""

from dataclasses import dataclass

from cli.dlq.understanding import Understood
from shared.messaging import replays


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the operator wants of each chosen dead letter. `body` is the corrected one, if there is one."""

    operator: str
    because: str
    max_replays: int
    override: bool = False
    body: bytes | None = None


def objection(dead: Understood, wish: Wish) -> str:
    """Why this dead letter is not replayed, with the mend; empty if it may be."""
    sent = dead if wish.body is None else dead.with_body(wish.body)
    if refused := objection_to_any_body(dead, wish, corrected=wish.body is not None):
        return refused
    if sent.problem:
        return f"would be refused again: {sent.problem}: correct it with --edit or --body FILE"
    return ""


def objection_to_any_body(dead: Understood, wish: Wish, *, corrected: bool) -> str:
    """Why it is not replayed, whatever a corrected body says; empty if it depends on that."""
    letter = dead.letter
    if letter.message.run >= wish.max_replays:
        times = "once" if letter.message.run == 1 else f"{letter.message.run} times"
        return f"was replayed {times} already: mend the cause, then raise --max-replays"
    if wish.override and letter.reason not in replays.OVERRIDABLE:
        return f"no guard refused it ({letter.reason or 'no reason'}): leave --override out"
    if dead.is_verification and corrected:
        return "is a message of our own, with nothing to correct: leave --body and --edit out"
    if dead.is_verification and dead.problem:
        return f"would be refused again: {dead.problem}: discard it"
    return ""
