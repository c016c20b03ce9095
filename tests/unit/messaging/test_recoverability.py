"""The settlement table of the design: what happened, on which attempt, and how the message ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import errors
from shared.messaging import recoverability
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Abandon, DeadLetter, DelayedRetry, Settlement
from tests import builders, fakes

NOW, POLICY = fakes.NOW, builders.POLICY
DAY = timedelta(hours=24)


def decide(error: Exception, *, jitter: float = 0.5, delivery_count: int = 1, **properties: Any) -> Settlement:
    message = builders.message(delivery_count=delivery_count, application_properties=builders.of_a_copy(**properties))
    return recoverability.decide(error, message, POLICY, now=NOW, jitter=jitter)


def failing_since(ago: timedelta) -> str:
    return (NOW - ago).isoformat()


PERMANENT = {
    "body not the contract → InvalidMessage": (errors.InvalidMessage("$.user", "is required"), Reason.INVALID_MESSAGE),
    "too old → StaleMessage": (errors.StaleMessage("old"), Reason.STALE_MESSAGE),
    "no such user → UserNotResolvable": (errors.UserNotResolvable("none"), Reason.USER_NOT_RESOLVABLE),
    "two records → AmbiguousDevice": (errors.AmbiguousDevice("two"), Reason.AMBIGUOUS_DEVICE),
    "filler → PlaceholderSerialNumber": (errors.PlaceholderSerialNumber("x"), Reason.PLACEHOLDER_SERIAL_NUMBER),
    "switched off → ActionNotAllowed": (errors.ActionNotAllowed("off"), Reason.ACTION_NOT_ALLOWED),
    "guarded → ProtectedUser": (errors.ProtectedUser("listed"), Reason.PROTECTED_USER),
    "guarded → ProtectedDevice": (errors.ProtectedDevice("listed"), Reason.PROTECTED_DEVICE),
    "guarded → TooManyDevices": (errors.TooManyDevices("11"), Reason.TOO_MANY_DEVICES),
    "401, 403 → GraphPermissionDenied": (errors.GraphPermissionDenied("403"), Reason.GRAPH_PERMISSION_DENIED),
    "other 4xx → GraphRequestRejected": (errors.GraphRequestRejected("400"), Reason.GRAPH_REQUEST_REJECTED),
}
TRANSIENT = {
    "429 → delayed retry": errors.GraphThrottled("429"),
    "408, 5xx, timeout, connection → delayed retry": errors.GraphUnavailable("503"),
    "token endpoint → delayed retry": errors.TokenUnavailable("timeout"),
    "journal → delayed retry": errors.JournalUnavailable("locked"),
    "outcome topic → delayed retry": errors.OutcomeNotPublished("closed"),
}


@pytest.mark.parametrize(("error", "reason"), list(PERMANENT.values()), ids=list(PERMANENT))
def test_rule_7_what_waiting_cannot_mend_is_dead_lettered_at_once(error: Exception, reason: Reason) -> None:
    assert decide(error) == DeadLetter(reason, str(error))


@pytest.mark.parametrize("error", list(TRANSIENT.values()), ids=list(TRANSIENT))
@pytest.mark.parametrize(
    ("properties", "gives_up"),
    [
        pytest.param({}, False, id="first attempt"),
        pytest.param({"attempt": 299, "firstFailedAt": failing_since(DAY / 2)}, False, id="attempt 299, 12 h"),
        pytest.param({"attempt": 300, "firstFailedAt": failing_since(DAY / 2)}, True, id="attempt 300"),
        pytest.param({"attempt": 9, "firstFailedAt": failing_since(DAY)}, True, id="failing for 24 h"),
        pytest.param(
            {"attempt": 9, "firstFailedAt": failing_since(DAY - timedelta(seconds=1))}, False, id="a second less"
        ),
    ],
)
def test_rule_7_what_waiting_may_mend_is_retried_until_its_limits(
    error: errors.TransientError, properties: dict[str, Any], gives_up: bool
) -> None:
    decision = decide(error, delivery_count=10, **properties)

    if gives_up:
        assert isinstance(decision, DeadLetter)
        assert decision.reason is Reason.RETRIES_EXHAUSTED
        assert decision.description.startswith(f"{type(error).__name__}: {error}; attempt")
    else:
        assert isinstance(decision, DelayedRetry)


@pytest.mark.parametrize(
    ("delivery_count", "decision"),
    [
        pytest.param(1, Abandon(), id="our bug, first delivery → abandon"),
        pytest.param(9, Abandon(), id="our bug, ninth of ten → abandon"),
        pytest.param(10, DeadLetter(Reason.UNEXPECTED_ERROR, "ValueError"), id="our bug, last → UnexpectedError"),
        pytest.param(11, DeadLetter(Reason.UNEXPECTED_ERROR, "ValueError"), id="our bug, beyond → UnexpectedError"),
    ],
)
def test_our_own_bug_is_abandoned_until_the_last_delivery(delivery_count: int, decision: Settlement) -> None:
    assert decide(ValueError(builders.LEAVER), delivery_count=delivery_count) == decision


ALMOST_1 = 0.9999999
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("attempt", "retry_after", "jitter", "least", "most"),
    [
        pytest.param(1, None, 0.0, 1, 1, id="jitter 0 → the shortest wait"),
        pytest.param(1, None, ALMOST_1, 9.99, 10, id="attempt 1 → up to 10 s"),
        pytest.param(2, None, ALMOST_1, 19.99, 20, id="attempt 2 → up to 20 s"),
        pytest.param(7, None, ALMOST_1, 639, 640, id="attempt 7 → up to 640 s"),
        pytest.param(8, None, ALMOST_1, 899, 900, id="attempt 8 → the longest wait"),
        pytest.param(1_000_000, None, ALMOST_1, 899, 900, id="a million attempts → the longest wait"),
        pytest.param(1, 42, 0.0, 43, 43, id="Retry-After is the floor"),
        pytest.param(7, 42, ALMOST_1, 681, 682, id="Retry-After comes before the backoff"),
        pytest.param(1, 3600, 0.0, 900, 900, id="Retry-After beyond the longest wait → the longest wait"),
        pytest.param(1, 0, 0.0, 1, 1, id="Retry-After 0 → the shortest wait"),
        pytest.param(1, -5, 0.0, 1, 1, id="Retry-After negative → the shortest wait"),
    ],
)
def test_the_delay_of_a_retry(
    attempt: int, retry_after: float | None, jitter: float, least: float, most: float
) -> None:
    asked = None if retry_after is None else timedelta(seconds=retry_after)

    delay = recoverability.delay(attempt, asked, POLICY, jitter=jitter)

    assert least * SECOND <= delay <= most * SECOND


@given(
    attempt=st.integers(1, 1_000_000),
    retry_after=st.none() | st.timedeltas(),
    jitter=st.floats(0, 1, exclude_max=True),
    first=st.timedeltas(SECOND, timedelta(days=366)),
    longest=st.timedeltas(SECOND, timedelta(days=366)),
)
def test_a_delay_is_never_shorter_than_a_second_nor_longer_than_the_longest(
    attempt: int, retry_after: timedelta | None, jitter: float, first: timedelta, longest: timedelta
) -> None:
    policy = replace(POLICY, first_delay=first, max_delay=longest)

    assert SECOND <= recoverability.delay(attempt, retry_after, policy, jitter=jitter) <= longest


def test_the_last_words_tell_attempt_and_time_and_are_cut_at_the_limit() -> None:
    decision = decide(errors.GraphUnavailable("é" * 2000), attempt=300, firstFailedAt=failing_since(DAY))
    short = decide(errors.GraphUnavailable("503"), attempt=300)

    assert isinstance(decision, DeadLetter)
    assert len(decision.description) == 1024
    assert short == DeadLetter(
        Reason.RETRIES_EXHAUSTED, "GraphUnavailable: 503; attempt 300, failing since 2026-11-22T09:30:00Z"
    )
