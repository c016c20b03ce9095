"""What becomes of a message whose processing failed: one pure decision, by the table of the documentation.

Knows errors, attempts and clocks passed in; reads no clock and draws no random number.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain import errors
from shared.messaging import settlement
from shared.messaging.dead_letters import Reason
from shared.messaging.incoming import IncomingMessage

_SHORTEST: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings of recoverability. `max_delivery_count` is the queue's own."""

    max_attempts: int
    first_delay: timedelta
    max_delay: timedelta
    give_up_after: timedelta
    max_delivery_count: int


def decide(
    error: Exception,
    message: IncomingMessage,
    policy: Policy,
    *,
    now: datetime,
    jitter: float,
) -> settlement.Settlement:
    """The settlement after `error`. `jitter` in [0, 1) spreads the delays of what failed together."""
    match error:
        case errors.PermanentError():
            return settlement.DeadLetter(Reason.of(error), str(error))
        case errors.TransientError():
            if _exhausted(message, policy, now=now):
                return settlement.DeadLetter(_in_the_end(error), _last_words(error, message, now))
            return settlement.DelayedRetry(delay(message.attempt, error.retry_after, policy, jitter=jitter))
        case _ if message.delivery_count >= policy.max_delivery_count:
            return settlement.DeadLetter(Reason.UNEXPECTED_ERROR, _name_of(error))
        case _:
            return settlement.Abandon()


def delay(attempt: int, retry_after: timedelta | None, policy: Policy, *, jitter: float) -> timedelta:
    """Full jitter over first_delay × 2^(attempt-1), after what Graph asked for; in all at most max_delay.

    What was throttled together comes back apart, and none of it sooner than Graph asked.
    """
    doublings = min(attempt - 1, 20)  # further ones are beyond any cap, and would overflow a timedelta
    ceiling: timedelta = min(policy.first_delay * 2**doublings, policy.max_delay)
    asked = min(max(retry_after or timedelta(0), timedelta(0)), policy.max_delay)
    return min(asked + max(ceiling * jitter, _SHORTEST), policy.max_delay)


def _in_the_end(error: errors.TransientError) -> Reason:
    return Reason.SUSPICIOUS_SCAN if isinstance(error, errors.SuspiciousScan) else Reason.RETRIES_EXHAUSTED


def _exhausted(message: IncomingMessage, policy: Policy, *, now: datetime) -> bool:
    first_failed_at = message.first_failed_at or now
    return message.attempt >= policy.max_attempts or now - first_failed_at >= policy.give_up_after


def _last_words(error: errors.TransientError, message: IncomingMessage, now: datetime) -> str:
    since = message.first_failed_at or now
    return f"{_name_of(error)}: {error}; attempt {message.attempt}, failing since {since:%Y-%m-%dT%H:%M:%SZ}"


def _name_of(error: Exception) -> str:
    """The class alone: the text of an unexpected error may quote anything."""
    return type(error).__name__
