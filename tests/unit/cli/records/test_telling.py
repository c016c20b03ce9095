"""What `offboard status` tells of a record, and how it looks."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rich.console import Console

from cli.records import showing, telling
from cli.records.opening import Found
from shared import ports
from shared.domain.acts import Act, ActKind
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import EventId
from shared.messaging.conclusion import Conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter, LastSettlement
from tests import builders, fakes

EVENT = EventId("user.offboarded:HR:1")
DONE = (Step.INTENT, Step.ACCEPTED)


def entry(step: Step, minutes: int = 0, **fields: Any) -> Entry:
    return builders.entry(step, event_id=EVENT, at=fakes.NOW + timedelta(minutes=minutes), **fields)


def end(outcome: str, settlement: LastSettlement | None = None, *, minutes: int = 1, **fields: Any) -> Conclusion:
    settlement = settlement or Complete()
    line = {"autopilotDeviceId": "D1", "action": "unassignUser", "outcome": outcome, "detail": None}
    data = {"outcome": outcome, "attempt": 2, "ticket": "T-1", "devices": [line]}
    if isinstance(settlement, DeadLetter):
        data["deadLetterReason"] = settlement.reason.value
    defaults = {"event_id": EVENT, "run": 0, "dry_run": False, "fingerprint": "f1"}
    at = fakes.NOW + timedelta(minutes=minutes)
    return Conclusion(**{**defaults, **fields}, settlement=settlement, document=json.dumps({"data": data}), at=at)


def act(kind: ActKind, run: int = 0) -> Act:
    at = fakes.NOW + timedelta(minutes=30)
    return Act(event_id=EVENT, kind=kind, act_id="a", run=run, operator="Grace", reason="asked", at=at)


def record(*rows: Entry | Conclusion | Act) -> ports.Record:
    return ports.Record(
        History.of(row for row in rows if isinstance(row, Entry)),
        tuple(row for row in rows if isinstance(row, Conclusion)),
        tuple(row for row in rows if isinstance(row, Act)),
    )


def told(*rows: Entry | Conclusion | Act) -> dict[str, Any]:
    return dict(telling.document(Found(EVENT, record(*rows))))


UNASSIGNED, VERIFIED = end("unassigned"), end("verified", minutes=11, fingerprint="verify-0-f1")
REFUSED = end("failed", DeadLetter(Reason.PROTECTED_USER, "protected"))
REFUSED_AGAIN = end("unassigned", DeadLetter(Reason.PROTECTED_USER, "protected"), minutes=20, run=1)


def test_an_event_is_told_by_its_own_id_with_what_was_asked() -> None:
    document = told(*map(entry, DONE), UNASSIGNED)

    assert (document["eventId"], document["eventType"], document["ticket"]) == ("HR:1", "user.offboarded", "T-1")


def test_a_device_is_told_as_the_latest_report_had_it_and_as_it_was_before() -> None:
    (device,) = told(*map(entry, DONE), UNASSIGNED, VERIFIED)["devices"]

    assert (device["outcome"], device["assignedBefore"], device["undone"]) == ("verified", builders.LEAVER, False)


def test_a_later_run_that_was_refused_and_did_nothing_hides_no_verification() -> None:
    (device,) = told(*map(entry, DONE), UNASSIGNED, VERIFIED, REFUSED_AGAIN)["devices"]

    assert device["outcome"] == "verified"


def test_a_later_run_that_changed_something_and_was_refused_then_says_the_latest() -> None:
    again = [entry(step, 15, run=1) for step in DONE]

    (device,) = told(*map(entry, DONE), UNASSIGNED, VERIFIED, *again, REFUSED_AGAIN)["devices"]

    assert device["outcome"] == "unassigned"


def test_an_undone_device_says_so() -> None:
    (device,) = told(*map(entry, (*DONE, Step.RESTORING, Step.RESTORED)), UNASSIGNED)["devices"]

    assert device["undone"]


@pytest.mark.parametrize(
    ("rows", "waiting"),
    [
        ([entry(Step.INTENT)], ["run 0 has not ended: its message waits, or is in hand"]),
        ([*map(entry, DONE), UNASSIGNED], ["the verification of run 0 has not ended"]),
        ([*map(entry, DONE), UNASSIGNED, VERIFIED], []),
        ([entry(Step.FOUND), REFUSED], []),
        ([*map(entry, DONE), REFUSED], ["the verification of run 0 has not ended"]),
        ([REFUSED, act(ActKind.REPLAY, run=1)], ["run 1 has not ended: its message waits, or is in hand"]),
        ([*map(entry, DONE), UNASSIGNED, VERIFIED, REFUSED_AGAIN], []),
        ([REFUSED, act(ActKind.DISCARD)], []),
        ([act(ActKind.UNASSIGN), entry(Step.INTENT)], []),
        ([end("failed", DeadLetter(Reason.INVALID_MESSAGE, "$"), fingerprint="body-1")], []),
        ([end("wouldUnassign", dry_run=True), entry(Step.FOUND, dry_run=True)], []),
    ],
    ids=[
        "begun",
        "ended",
        "verified",
        "refused",
        "refused after a change",
        "replayed",
        "a later run that was refused and did nothing",
        "discarded",
        "at a terminal",
        "no event",
        "a dry run",
    ],
)
def test_what_is_still_to_come_is_told(rows: list[Entry | Conclusion | Act], waiting: list[str]) -> None:
    assert told(*rows)["waiting"] == waiting


def test_people_see_all_that_happened_in_its_order_within_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [entry(step, number) for number, step in enumerate(DONE)]
    undo = [entry(Step.RESTORING, 31), entry(Step.RESTORED, 32)]
    long = replace(REFUSED, run=1, settlement=DeadLetter(Reason.PROTECTED_USER, "of many words " * 9))
    document = told(*rows, UNASSIGNED, VERIFIED, long, act(ActKind.UNDO), *undo)

    showing.show(document, Console(width=80))

    lines = capsys.readouterr().out.splitlines()
    happened = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 80
    assert "…" not in happened
    in_order = [
        "about to unassign",
        "Graph accepted",
        "attempt 2: ended unassigned",
        "look 2: ended verified",
        "undo by Grace: asked",
        "undo: about to assign again",
        "undo: assigned again",
    ]
    places = [happened.index(each) for each in in_order]
    assert places == sorted(places)
    assert "2026-11-22 10:02:00" in happened


def test_an_undo_that_found_nothing_to_do_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    undo = [entry(Step.RESTORING, 31), entry(Step.RESTORED, 32)]
    again = replace(act(ActKind.UNDO), act_id="b", at=fakes.NOW + timedelta(minutes=40), operator="Ada")

    showing.show(told(*map(entry, DONE), act(ActKind.UNDO), *undo, again), Console(width=200))

    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[-1] for line in lines if "undo by" in " ".join(line.split())] == [
        "undo by Grace: asked",
        "undo by Ada: asked, nothing was assigned again",
    ]


def test_when_it_was_received_is_said_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    received = replace(UNASSIGNED, document=json.dumps({"data": {"receivedAt": "2026-11-22T10:00:00.5Z"}}))

    showing.show(told(received), Console(width=80))

    assert "received      2026-11-22 10:00:00 UTC\n" in capsys.readouterr().out


def test_what_a_record_says_reaches_no_terminal_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    showing.show(told(entry(Step.FOUND), replace(act(ActKind.REPLAY), reason="\x1b[2Jgone")), Console(width=80))

    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("steps", "outcome", "detail"),
    [
        (DONE, "unassigned", "Graph accepted it; nobody verifies it"),
        ((*DONE, Step.RESTORING, Step.RESTORED), "unassigned", "Graph accepted it; nobody verifies it"),
        ((Step.INTENT,), "failed", "answerLost"),
        ((Step.INTENT, Step.WITHDRAWN), "leftAlone", "nothing was changed"),
        ((Step.FOUND,), "leftAlone", "nothing was changed"),
    ],
    ids=str,
)
def test_what_was_done_at_a_terminal_is_told_by_the_journal_alone(
    steps: tuple[Step, ...], outcome: str, detail: str
) -> None:
    found = told(*map(entry, steps), act(ActKind.UNASSIGN))

    (device,) = found["devices"]
    assert (device["outcome"], device["detail"]) == (outcome, detail)


def test_what_an_event_has_not_reported_yet_has_no_outcome() -> None:
    assert told(entry(Step.INTENT))["devices"][0]["outcome"] is None
