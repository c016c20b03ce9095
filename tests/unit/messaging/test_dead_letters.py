import pytest

from shared.domain import errors
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter


class Unheard(errors.PermanentError):
    pass


def test_a_permanent_errors_class_name_is_its_reason() -> None:
    assert Reason.of(errors.TooManyDevices("11")) is Reason.TOO_MANY_DEVICES


def test_an_error_that_nobody_gave_a_reason_is_our_bug() -> None:
    with pytest.raises(KeyError):
        Reason.of(Unheard("x"))


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_in_a_sentence_what_it_means(reason: Reason) -> None:
    assert reason.description.endswith(".")
    assert len(reason.value) <= 128


def test_a_description_is_cut_at_the_limit() -> None:
    assert len(DeadLetter(Reason.STALE_MESSAGE, "ü" * 2000).description) == 1024


def test_the_guards_are_those_that_an_operator_may_release() -> None:
    assert {reason.value for reason in Reason if reason.guards} == {
        "ProtectedUser",
        "ProtectedDevice",
        "TooManyDevices",
        "BlastRadiusExceeded",
        "SuspiciousScan",
        "StaleMessage",
    }
