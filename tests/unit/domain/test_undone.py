"""What an operator has undone stays so for the run that was undone; a replay is a later one and begins anew."""

from datetime import timedelta

import pytest

from shared.domain import plan
from shared.domain.events import Action
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import AutopilotDeviceId
from shared.domain.plan import Leave, Target, Unassign
from shared.domain.report import Detail, Outcome
from tests import builders, fakes

D1 = AutopilotDeviceId("d1")
TARGET = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER, assigned=(builders.LEAVER,))
WAIT = timedelta(minutes=10)


def history(*steps: Step, run: int = 0) -> History:
    return History.of(builders.entry(step, run=run) for step in steps)


DONE = (Step.INTENT, Step.ACCEPTED)


@pytest.mark.parametrize("undo", [(Step.RESTORING,), (Step.RESTORING, Step.RESTORED)], ids=["begun", "done"])
def test_what_was_undone_is_left_and_reported_as_undone(undo: tuple[Step, ...]) -> None:
    earlier = plan.settled_earlier(TARGET, history(*DONE, *undo), run=0, now=fakes.NOW + 2 * WAIT, verify_after=WAIT)

    assert earlier == Leave(Outcome.UNASSIGNED, Detail.UNDONE, builders.device(), confirmed=True)


def test_a_later_run_begins_anew() -> None:
    undone = history(*DONE, Step.RESTORING, Step.RESTORED)

    assert plan.settled_earlier(TARGET, undone, run=1, now=fakes.NOW, verify_after=WAIT) is None
    assert plan.compare(TARGET, builders.device(), undone) == Unassign(builders.device())
    clear = plan.compare(TARGET, builders.device(user=None), undone)
    assert isinstance(clear, Leave)
    assert clear.outcome is Outcome.ALREADY_UNASSIGNED, "what was accepted before the undo is not what cleared it"


def test_what_a_later_run_does_counts_again() -> None:
    again = History((*history(*DONE, Step.RESTORING, Step.RESTORED).entries, *history(*DONE, run=1).entries))

    assert again.undone(D1, Action.UNASSIGN_USER) is None
    assert again.accepted(D1, Action.UNASSIGN_USER) is not None


def test_an_acceptance_that_is_written_after_the_undo_came_before_it() -> None:
    late = history(Step.INTENT, Step.RESTORING, Step.RESTORED, Step.ACCEPTED)

    assert late.undone(D1, Action.UNASSIGN_USER) is not None
    assert late.accepted(D1, Action.UNASSIGN_USER) is None
    assert plan.settled_earlier(TARGET, late, run=0, now=fakes.NOW + 2 * WAIT, verify_after=WAIT) is not None


@pytest.mark.parametrize(
    ("before", "undone", "accepted"),
    [
        pytest.param(DONE, False, True, id="nothing undone before → accepted still"),
        pytest.param((*DONE, Step.RESTORING, Step.RESTORED), True, False, id="undone before → undone still"),
    ],
)
def test_an_undo_that_assigned_nobody_changes_nothing(before: tuple[Step, ...], undone: bool, accepted: bool) -> None:
    vain = history(*before, Step.RESTORING, Step.NOT_RESTORED)

    assert (vain.undone(D1, Action.UNASSIGN_USER) is not None) is undone
    assert (vain.accepted(D1, Action.UNASSIGN_USER) is not None) is accepted


def test_a_lost_answer_before_an_undo_is_forgotten() -> None:
    undone = history(Step.INTENT, Step.RESTORING, Step.RESTORED)

    assert undone.unanswered(D1, Action.UNASSIGN_USER) is None
    assert undone.changed() == ()


@pytest.mark.parametrize(
    "undo", [(Step.RESTORING,), (Step.RESTORING, Step.RESTORED)], ids=["begun each time", "done each time"]
)
@pytest.mark.parametrize("rounds", [1, 2])
def test_only_what_follows_the_last_undo_counts(undo: tuple[Step, ...], rounds: int) -> None:
    undone = history(*(*DONE, *undo) * rounds)
    again = undone.with_entry(builders.entry(Step.INTENT, attempt=7))

    lost = again.unanswered(D1, Action.UNASSIGN_USER)

    assert undone.accepted(D1, Action.UNASSIGN_USER) is None
    assert lost is not None
    assert lost.attempt == 7


def test_what_is_known_from_the_journal_alone_says_undone() -> None:
    (line,) = plan.last_known(history(*DONE, Step.RESTORING, Step.RESTORED))

    assert (line.outcome, line.detail) == (Outcome.UNASSIGNED, Detail.UNDONE)


UNDONE = (*DONE, Step.RESTORING, Step.RESTORED)


@pytest.mark.parametrize(
    ("steps", "undone", "changed"),
    [
        ((*UNDONE, Step.FOUND), True, False),
        ((*UNDONE, Step.WITHDRAWN), True, False),
        ((*UNDONE, Step.INTENT, Step.WITHDRAWN), True, False),
        ((*UNDONE, Step.INTENT), False, True),
        ((*DONE, Step.RESTORING, Step.FOUND, Step.NOT_RESTORED), False, True),
        ((*DONE, Step.RESTORING, Step.INTENT, Step.NOT_RESTORED), False, True),
        ((Step.INTENT, Step.RESTORING, Step.WITHDRAWN, Step.NOT_RESTORED), False, False),
        ((*DONE, Step.RESTORING, Step.RESTORING, Step.RESTORED, Step.NOT_RESTORED), True, False),
        ((*DONE, Step.RESTORING, Step.RESTORING, Step.NOT_RESTORED), True, False),
    ],
    ids=str,
)
def test_the_answers_to_undos_and_to_posts_are_no_answers_to_each_other_whoever_writes_in_between(
    steps: tuple[Step, ...], undone: bool, changed: bool
) -> None:
    seen = history(*steps)

    assert (seen.undone(D1, Action.UNASSIGN_USER) is not None) == undone
    assert bool(seen.changed()) == changed


@pytest.mark.parametrize(
    ("steps", "changed"),
    [
        ((Step.FOUND,), False),
        ((Step.INTENT, Step.WITHDRAWN), False),
        ((Step.INTENT,), True),
        (DONE, True),
    ],
    ids=str,
)
def test_an_event_may_have_changed_what_it_posted_about(steps: tuple[Step, ...], changed: bool) -> None:
    assert history(*steps).changed() == (((D1, Action.UNASSIGN_USER),) if changed else ())


def test_an_event_is_counted_from_its_first_intent_on() -> None:
    assert not history(Step.FOUND).counted(D1, Action.UNASSIGN_USER)
    assert history(Step.INTENT, Step.WITHDRAWN).counted(D1, Action.UNASSIGN_USER)
    assert not history(Step.INTENT).counted(D1, Action.UNASSIGN_RESOURCE_ACCOUNT)


def mark(step: Step, minutes: int, action: Action = Action.UNASSIGN_USER, of: str = "another") -> Entry:
    return builders.entry(step, at=fakes.NOW + timedelta(minutes=minutes), action=action, fingerprint=of)


@pytest.mark.parametrize(
    ("marks", "after"),
    [
        ([], False),
        ([mark(Step.CLEAR, -1)], False),
        ([mark(Step.CLEAR, 0)], False),
        ([mark(Step.CLEAR, 24 * 60)], False),
        ([mark(Step.CLEAR, 24 * 60 + 1)], True),
        ([mark(Step.CLEAR, 1, of="this")], True),
        ([mark(Step.CLEAR, 0, of="this")], False),
        ([mark(Step.RESTORED, 1)], True),
        ([mark(Step.CLEAR, 24 * 60 + 1), mark(Step.CLEAR, -1)], True),
        ([mark(Step.RESTORING, 1)], False),
        ([mark(Step.CLEAR, 24 * 60 + 1, Action.UNASSIGN_RESOURCE_ACCOUNT)], False),
    ],
    ids=str,
)
def test_a_record_seen_clear_or_restored_later_was_assigned_after_the_event(marks: list[Entry], after: bool) -> None:
    assert plan.assigned_after(fakes.NOW, History.of(marks), Action.UNASSIGN_USER, own="this") is after
