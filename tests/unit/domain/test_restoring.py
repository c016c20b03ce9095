"""Whom an undo assigns again, and when it leaves a record alone."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain import restoring
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, History, Step
from shared.domain.restoring import Keep, Restoration, Restore
from tests import builders, fakes

WAIT = timedelta(minutes=10)
CLEAR = builders.device(user=None)
NAMED = builders.device(user=builders.LEAVER.upper())
GIVEN_ON = builders.device(user=builders.SUCCESSOR)
DONE = (Step.INTENT, Step.ACCEPTED)
UNDONE = (*DONE, Step.RESTORING, Step.RESTORED)


def history(*steps: Step) -> History:
    """Entries a minute apart; those of an undo hold the clear record."""
    seen = {Step.RESTORING: CLEAR, Step.RESTORED: CLEAR}
    return History.of(
        builders.entry(step, seen.get(step), at=fakes.NOW + timedelta(minutes=number))
        for number, step in enumerate(steps)
    )


def former() -> Entry:
    return builders.entry(Step.ACCEPTED)


@pytest.mark.parametrize(
    ("steps", "undoable"),
    [
        ((), False),
        ((Step.FOUND,), False),
        ((Step.INTENT, Step.WITHDRAWN), False),
        ((Step.INTENT,), True),
        ((Step.INTENT, Step.INTENT), True),
        ((Step.INTENT, Step.FOUND), True),
        ((Step.INTENT, Step.FOUND, Step.WITHDRAWN), False),
        (DONE, True),
        (UNDONE, True),
        ((Step.INTENT, Step.RESTORING, Step.NOT_RESTORED), True),
    ],
    ids=str,
)
def test_what_was_posted_or_may_have_been_can_be_undone_however_often(steps: tuple[Step, ...], undoable: bool) -> None:
    found = restoring.undoable(history(*steps))

    assert [each.device for each in found] == ([builders.device()] if undoable else [])


def test_dry_runs_changed_nothing_that_could_be_undone() -> None:
    dry = History.of(builders.entry(step, dry_run=True) for step in DONE)

    assert restoring.undoable(dry) == []


def test_the_latest_run_tells_who_was_assigned_before() -> None:
    entries = [builders.entry(Step.ACCEPTED), builders.entry(Step.ACCEPTED, GIVEN_ON, run=1)]

    (found,) = restoring.undoable(History.of(entries))

    assert found.device.user_principal_name == builders.SUCCESSOR


@pytest.mark.parametrize(
    ("record", "steps", "minutes", "decision"),
    [
        (CLEAR, DONE, 1, Restore(CLEAR)),
        (builders.device(user="  "), DONE, 1, Restore(builders.device(user="  "))),
        (CLEAR, (*DONE, Step.RESTORING), 3, Restore(CLEAR)),
        (CLEAR, UNDONE, 4, Keep(Restoration.ACCEPTED, CLEAR)),
        (CLEAR, UNDONE, 13, Keep(Restoration.UNDONE_BEFORE, CLEAR, undone_at=fakes.NOW + timedelta(minutes=3))),
        (GIVEN_ON, DONE, 60, Keep(Restoration.ASSIGNED_TO_SOMEONE_ELSE, GIVEN_ON)),
        (GIVEN_ON, UNDONE, 60, Keep(Restoration.ASSIGNED_TO_SOMEONE_ELSE, GIVEN_ON)),
        (NAMED, DONE, 9, Keep(Restoration.NOT_CLEAR_YET, NAMED)),
        (NAMED, DONE, 10, Keep(Restoration.ALREADY_ASSIGNED, NAMED, mark=True)),
        (NAMED, (*DONE, Step.RESTORING), 3, Keep(Restoration.ALREADY_ASSIGNED, NAMED, mark=True)),
        (NAMED, UNDONE, 4, Keep(Restoration.ALREADY_ASSIGNED, NAMED)),
        (None, DONE, 60, Keep(Restoration.NOT_FOUND)),
    ],
    ids=[
        "clear",
        "blank",
        "clear, an undo was begun",
        "clear, undone a moment ago",
        "clear, undone a while ago",
        "somebody else's",
        "somebody else's, undone",
        "not clear yet",
        "never cleared, or assigned again by hand",
        "assigned, an undo was begun",
        "assigned, undone",
        "gone",
    ],
)
def test_what_is_done_with_a_record(
    record: AutopilotDevice | None, steps: tuple[Step, ...], minutes: int, decision: restoring.Decision
) -> None:
    now = fakes.NOW + timedelta(minutes=minutes)

    assert restoring.decide(former(), record, history(*steps), History(), now=now, verify_after=WAIT) == decision


@pytest.mark.parametrize(
    ("steps", "seen", "decision"),
    [
        (UNDONE, {"at": 4}, Restoration.UNDONE_BEFORE),
        (UNDONE, {"at": 3}, Restoration.ACCEPTED),
        ((*DONE, Step.RESTORING), {"at": 4}, Restoration.UNDONE_BEFORE),
        ((*DONE, Step.RESTORING), {"at": 2}, None),
        ((*DONE, Step.RESTORING), {"at": 4, "attempt": restoring.BY_AN_UNDO}, None),
        ((*DONE, Step.RESTORING), {"at": 4, "step": Step.RESTORED}, None),
        ((*DONE, Step.RESTORING), {"at": 4, "action": Action.UNASSIGN_RESOURCE_ACCOUNT}, None),
        (DONE, {"at": 4}, None),
    ],
    ids=[
        "undone, then seen clear",
        "undone when it was seen clear",
        "undone in part, then seen clear",
        "undone in part after it was seen clear",
        "undone in part, begun again",
        "undone in part, then restored",
        "the resource account was seen clear",
        "never undone",
    ],
)
def test_what_a_verification_saw_clear_after_the_undo_is_not_this_events_to_undo(
    steps: tuple[Step, ...], seen: dict[str, Any], decision: Restoration | None
) -> None:
    fields = {"step": Step.CLEAR, **seen, "at": fakes.NOW + timedelta(minutes=seen["at"])}
    known = History.of([builders.entry(seen=CLEAR, **fields)])

    now = fakes.NOW + timedelta(minutes=5)
    found = restoring.decide(former(), CLEAR, history(*steps), known, now=now, verify_after=WAIT)

    assert (None if isinstance(found, Restore) else found.result) == decision
    if decision is Restoration.UNDONE_BEFORE:
        undone_at = fakes.NOW + timedelta(minutes=len(steps) - 1)
        assert found == Keep(Restoration.UNDONE_BEFORE, CLEAR, undone_at=undone_at)


def test_a_resource_account_is_never_restored() -> None:
    account = builders.entry(Step.ACCEPTED, action=Action.UNASSIGN_RESOURCE_ACCOUNT)

    decision = restoring.decide(account, CLEAR, History.of([account]), History(), now=fakes.NOW, verify_after=WAIT)

    assert decision == Keep(Restoration.NOT_POSSIBLE, CLEAR)
