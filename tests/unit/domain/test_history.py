from datetime import timedelta

import pytest

from shared.domain.events import Action
from shared.domain.history import History, Step
from shared.domain.identifiers import AutopilotDeviceId
from tests import builders, fakes

D1 = AutopilotDeviceId("d1")
USER = Action.UNASSIGN_USER


def history(*steps: Step) -> History:
    return History.of(builders.entry(step, attempt=number) for number, step in enumerate(steps, 1))


def attempt_of(seen: History) -> int | None:
    unanswered = seen.unanswered(D1, USER)
    return None if unanswered is None else unanswered.attempt


@pytest.mark.parametrize(
    ("steps", "unanswered"),
    [
        pytest.param([], None, id="nothing written → none"),
        pytest.param([Step.FOUND], None, id="only seen → none"),
        pytest.param([Step.INTENT], 1, id="intent → it"),
        pytest.param([Step.INTENT, Step.ACCEPTED], None, id="intent, accepted → none"),
        pytest.param([Step.INTENT, Step.WITHDRAWN], None, id="intent, withdrawn: nothing was posted → none"),
        pytest.param([Step.INTENT, Step.FOUND], 1, id="intent, seen first by another process → it"),
        pytest.param([Step.INTENT, Step.FOUND, Step.ACCEPTED], None, id="that, and accepted → none"),
        pytest.param([Step.INTENT, Step.FOUND, Step.WITHDRAWN], None, id="that, and withdrawn → none"),
        pytest.param([Step.INTENT, Step.INTENT], 2, id="two intents → the latest"),
        pytest.param([Step.INTENT, Step.WITHDRAWN, Step.INTENT], 3, id="a cancelled intent, then one → the latter"),
        pytest.param(
            [Step.INTENT, Step.INTENT, Step.WITHDRAWN], 1, id="an answer is one to its own intent, not the one before"
        ),
    ],
)
def test_an_intent_that_no_entry_answers_may_have_been_posted(steps: list[Step], unanswered: int | None) -> None:
    assert attempt_of(history(*steps)) == unanswered


def test_the_first_entry_and_the_latest_accepted_one_are_found() -> None:
    seen = history(Step.FOUND, Step.INTENT, Step.ACCEPTED, Step.INTENT, Step.ACCEPTED)

    first, accepted = seen.first(D1, USER), seen.accepted(D1, USER)

    assert first is not None
    assert first.attempt == 1
    assert accepted is not None
    assert accepted.attempt == 5


def test_the_latest_accepted_one_is_so_by_its_time_though_an_older_one_was_written_after_it() -> None:
    latest = builders.entry(Step.ACCEPTED, at=fakes.NOW, attempt=2)
    late = builders.entry(Step.ACCEPTED, at=fakes.NOW - timedelta(minutes=10), attempt=1)

    assert History.of([latest, late]).accepted(D1, USER) == latest


def test_another_device_and_another_action_have_a_history_of_their_own() -> None:
    other = builders.entry(Step.ACCEPTED, builders.device("d2"))
    resource = builders.entry(Step.ACCEPTED, action=Action.UNASSIGN_RESOURCE_ACCOUNT)
    seen = History.of([other, resource])

    assert seen.first(D1, USER) is None
    assert seen.accepted(D1, USER) is None
    assert seen.devices() == ("d2", "d1")


def test_the_very_first_decision_about_an_action_may_have_been_about_another_device() -> None:
    seen = History.of([builders.entry(Step.FOUND, builders.device("d9")), builders.entry(Step.INTENT)])

    assert seen.first_assigned(USER) == builders.LEAVER
    assert seen.first_assigned(Action.UNASSIGN_RESOURCE_ACCOUNT) is None


def test_rule_8_dry_runs_decide_nothing_for_a_live_one() -> None:
    dry, live = builders.entry(Step.FOUND, dry_run=True), builders.entry(Step.INTENT)

    assert History.of([dry, live]).live() == History.of([live])


def test_an_entry_can_be_added() -> None:
    assert attempt_of(History().with_entry(builders.entry(Step.INTENT))) == 1
