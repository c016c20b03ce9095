from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action, SerialNumberKey
from shared.domain.history import History, Step
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber
from shared.domain.plan import Leave, Target, Unassign
from shared.domain.report import Detail, DeviceReport, Outcome
from tests import builders, fakes

D1 = AutopilotDeviceId("d1")
LEAVER, SUCCESSOR = builders.LEAVER, builders.SUCCESSOR
NOTHING = History()
SOMEONE_ELSE, CLEAR, NOT_FOUND = Outcome.ASSIGNED_TO_SOMEONE_ELSE, Outcome.ALREADY_UNASSIGNED, Outcome.NOT_FOUND
CONFIRMED = Outcome.UNASSIGNED


def saw(user: str | None, *steps: Step) -> History:
    return History.of(builders.entry(step, builders.device(user=user)) for step in steps)


def of_the_leaver(*reused: str) -> Target:
    return Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER, assigned=(LEAVER,), reused=reused)


OF_WHOEVER = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER)
OF_NOBODY = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER, assigned=(), reused=("old@contoso.com",))
OLD = "old@contoso.com"
LATE = saw(LEAVER, Step.INTENT)
DONE = saw(LEAVER, Step.INTENT, Step.ACCEPTED)
CANCELLED = saw(LEAVER, Step.INTENT, Step.WITHDRAWN)


@pytest.mark.parametrize(
    ("target", "user", "history", "decided"),
    [
        pytest.param(of_the_leaver(), LEAVER, NOTHING, None, id="names the leaver → unassign"),
        pytest.param(of_the_leaver(), LEAVER.upper(), NOTHING, None, id="names the leaver in capitals → unassign"),
        pytest.param(of_the_leaver(), LEAVER, LATE, None, id="still the leaver after a lost answer → unassign"),
        pytest.param(of_the_leaver(), LEAVER, DONE, None, id="still the leaver after an old POST → unassign"),
        pytest.param(of_the_leaver(), SUCCESSOR, NOTHING, (SOMEONE_ELSE, None), id="names another → leave"),
        pytest.param(
            of_the_leaver(), SUCCESSOR, DONE, (CONFIRMED, Detail.REASSIGNED_SINCE), id="given on after our POST → leave"
        ),
        pytest.param(of_the_leaver(), "x" + LEAVER, NOTHING, (SOMEONE_ELSE, None), id="contains the name → leave"),
        pytest.param(of_the_leaver(OLD), OLD, NOTHING, (SOMEONE_ELSE, Detail.NAME_REUSED), id="a reused name → leave"),
        pytest.param(
            of_the_leaver(LEAVER), LEAVER, NOTHING, (SOMEONE_ELSE, Detail.NAME_REUSED), id="own and reused → leave"
        ),
        pytest.param(of_the_leaver(), None, NOTHING, (CLEAR, None), id="clear, untouched → already"),
        pytest.param(of_the_leaver(), "", NOTHING, (CLEAR, None), id="empty name → already"),
        pytest.param(of_the_leaver(), "  ", NOTHING, (CLEAR, None), id="blank name → already"),
        pytest.param(of_the_leaver(), None, LATE, (CONFIRMED, Detail.RESPONSE_LOST), id="clear, answer lost → ours"),
        pytest.param(of_the_leaver(), None, DONE, (CONFIRMED, None), id="clear after our POST → unassigned"),
        pytest.param(of_the_leaver(), None, CANCELLED, (CLEAR, None), id="clear, intent cancelled → already"),
        pytest.param(OF_WHOEVER, LEAVER, NOTHING, None, id="retired, first sight → unassign"),
        pytest.param(OF_WHOEVER, LEAVER, LATE, None, id="retired, the first user still → unassign"),
        pytest.param(OF_WHOEVER, SUCCESSOR, DONE, (CONFIRMED, Detail.REASSIGNED_SINCE), id="retired, given on → leave"),
        pytest.param(OF_WHOEVER, SUCCESSOR, LATE, (SOMEONE_ELSE, None), id="retired, somebody new since → leave"),
        pytest.param(
            OF_WHOEVER, SUCCESSOR, saw(None, Step.FOUND), (SOMEONE_ELSE, None), id="retired, clear at first → leave"
        ),
        pytest.param(OF_WHOEVER, None, NOTHING, (CLEAR, None), id="retired, clear → already"),
        pytest.param(OF_NOBODY, SUCCESSOR, NOTHING, (SOMEONE_ELSE, None), id="a leaver without a name left → leave"),
        pytest.param(OF_NOBODY, OLD, NOTHING, (SOMEONE_ELSE, Detail.NAME_REUSED), id="no name left, reused → leave"),
    ],
)
def test_rule_3_compare_and_unassign(
    target: Target, user: str | None, history: History, decided: tuple[Outcome, Detail | None] | None
) -> None:
    decision = plan.compare(target, builders.device(user=user), history)

    if decided is None:
        assert decision == Unassign(builders.device(user=user))
    else:
        assert isinstance(decision, Leave)
        assert (decision.outcome, decision.detail) == decided
        assert decision.device == builders.device(user=LEAVER if decision.outcome is CONFIRMED else user)


@pytest.mark.parametrize(
    ("history", "before"),
    [(NOTHING, None), (saw(LEAVER, Step.FOUND), builders.device())],
    ids=["never seen → no before", "seen once → as it was then"],
)
def test_a_record_that_is_gone_is_a_result(history: History, before: AutopilotDevice | None) -> None:
    assert plan.compare(of_the_leaver(), None, history) == Leave(NOT_FOUND, None, before)


def test_a_record_that_is_left_for_its_key_or_its_user_is_reported_as_it_is() -> None:
    record = builders.device(serial_number="PF9")
    by_serial_number = replace(OF_WHOEVER, key=SerialNumberKey(SerialNumber("PF1")))
    with_user = replace(OF_WHOEVER, only_with_user=SUCCESSOR)

    assert plan.compare(by_serial_number, record, NOTHING) == Leave(NOT_FOUND, Detail.KEY_CHANGED, record)
    assert plan.compare(with_user, record, NOTHING) == Leave(SOMEONE_ELSE, None, record)


@pytest.mark.parametrize(
    ("first", "now", "decided"),
    [
        pytest.param(LEAVER, None, None, id="the leaver at first, cleared since → unassign"),
        pytest.param(LEAVER, SUCCESSOR, None, id="the leaver at first, given on since → unassign"),
        pytest.param(SUCCESSOR, SUCCESSOR, SOMEONE_ELSE, id="never the leaver → leave"),
        pytest.param(None, SUCCESSOR, SOMEONE_ELSE, id="nobody at first → leave"),
    ],
)
def test_a_resource_account_is_unassigned_where_the_record_names_the_user_or_did_at_first(
    first: str | None, now: str | None, decided: Outcome | None
) -> None:
    room = builders.device(user=now, resource_name="Room 1")
    target = replace(OF_WHOEVER, action=Action.UNASSIGN_RESOURCE_ACCOUNT, only_with_user=LEAVER)

    decision = plan.compare(target, room, saw(first, Step.FOUND))

    assert decision == (Unassign(room) if decided is None else Leave(decided, None, room))


def test_what_was_unassigned_is_reported_as_it_was_before() -> None:
    decision = plan.compare(of_the_leaver(), builders.device(user=None), DONE)

    assert isinstance(decision, Leave)
    assert decision.device == builders.device(user=LEAVER)


@pytest.mark.parametrize(
    ("named", "held", "decided"),
    [
        pytest.param(("Room 1",), "room 1", None, id="the named account → unassign"),
        pytest.param(
            ("Room 1",), "Room 2", (SOMEONE_ELSE, Detail.OTHER_RESOURCE_ACCOUNT), id="another account → leave"
        ),
        pytest.param(None, "Room 2", None, id="any account, first sight → unassign"),
        pytest.param(("Room 1",), None, (CLEAR, None), id="no account, though a user → already"),
    ],
)
def test_a_resource_account_is_compared_by_its_own_name(
    named: tuple[str, ...] | None, held: str | None, decided: tuple[Outcome, Detail | None] | None
) -> None:
    target = Target(autopilot_device_id=D1, action=Action.UNASSIGN_RESOURCE_ACCOUNT, assigned=named)

    decision = plan.compare(target, builders.device(resource_name=held), NOTHING)

    if decided is None:
        assert isinstance(decision, Unassign)
    else:
        assert isinstance(decision, Leave)
        assert (decision.outcome, decision.detail) == decided


@pytest.mark.parametrize(
    ("age", "settled"),
    [
        pytest.param(timedelta(minutes=10) - timedelta(seconds=1), True, id="younger than VERIFY_AFTER → not repeated"),
        pytest.param(timedelta(minutes=10), False, id="as old → read again"),
        pytest.param(timedelta(minutes=-1), True, id="a clock ahead of ours → not repeated"),
    ],
)
def test_rule_6_an_accepted_post_younger_than_verify_after_is_not_repeated(age: timedelta, settled: bool) -> None:
    earlier = plan.settled_earlier(
        of_the_leaver(), DONE, run=0, now=fakes.NOW + age, verify_after=timedelta(minutes=10)
    )

    assert earlier == (Leave(CONFIRMED, None, builders.device()) if settled else None)


def test_an_intent_alone_settles_nothing() -> None:
    assert plan.settled_earlier(of_the_leaver(), LATE, run=0, now=fakes.NOW, verify_after=timedelta(minutes=10)) is None


def test_whom_the_first_decision_found_on_another_device_does_not_count_for_one_that_it_saw() -> None:
    other = builders.entry(Step.FOUND, builders.device("d9", SUCCESSOR))
    own = builders.entry(Step.FOUND, builders.device("d1", LEAVER))

    decision = plan.compare(OF_WHOEVER, builders.device(user=SUCCESSOR), History.of([other, own]))

    assert isinstance(decision, Leave)
    assert decision.outcome is SOMEONE_ELSE


@pytest.mark.parametrize(
    ("steps", "outcome", "detail"),
    [
        pytest.param((Step.FOUND,), Outcome.FAILED, Detail.NOT_REACHED, id="seen → not reached"),
        pytest.param((Step.FOUND, Step.INTENT), Outcome.FAILED, Detail.ANSWER_LOST, id="no answer → lost"),
        pytest.param((Step.FOUND, Step.INTENT, Step.ACCEPTED), CONFIRMED, None, id="accepted → unassigned"),
        pytest.param((Step.FOUND, Step.INTENT, Step.RESTORED), CONFIRMED, Detail.UNDONE, id="undone → undone"),
    ],
)
def test_from_the_journal_alone_a_device_is_reported_as_it_was_before_the_last_post(
    steps: tuple[Step, ...], outcome: Outcome, detail: Detail | None
) -> None:
    first, tagged = builders.device(), builders.device(group_tag="kiosk")
    history = History.of(builders.entry(step, first if step is Step.FOUND else tagged) for step in steps)

    (line,) = plan.last_known(history)

    posted = Step.INTENT in steps and detail is not Detail.UNDONE
    assert line == DeviceReport(
        autopilot_device_id=D1,
        action=Action.UNASSIGN_USER,
        outcome=outcome,
        detail=detail,
        before=tagged if posted else first,
    )
