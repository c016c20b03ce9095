from datetime import timedelta

import pytest

from shared.domain import errors


def subclasses(kind: type[Exception]) -> set[type[Exception]]:
    found = {each for direct in kind.__subclasses__() for each in (direct, *subclasses(direct))}
    return {each for each in found if each.__module__ == errors.__name__}  # not those that other tests made up


@pytest.mark.parametrize("name", sorted(each.__name__ for each in subclasses(errors.UnassignmentError)))
def test_every_error_stands_in_the_tree_that_opens_the_module(name: str) -> None:
    assert name in (errors.__doc__ or "")


def test_permanent_and_transient_share_no_error() -> None:
    assert not subclasses(errors.PermanentError) & subclasses(errors.TransientError)
    assert not issubclass(errors.UnassignmentError, ValueError)


def test_an_invalid_message_keeps_its_path_apart_from_its_problem() -> None:
    error = errors.InvalidMessage("$.user.id", "must be a GUID")

    assert (error.path, error.problem, str(error)) == ("$.user.id", "must be a GUID", "$.user.id: must be a GUID")


def test_a_transient_error_keeps_how_long_it_was_asked_to_wait() -> None:
    asked = errors.GraphThrottled("429", retry_after=timedelta(seconds=5))

    assert asked.retry_after == timedelta(seconds=5)
    assert errors.JournalUnavailable("locked").retry_after is None
