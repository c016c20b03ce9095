"""The oracle finds nothing where all went well, and each of its claims is broken by what it is there to find."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.parts import OUTCOMES, USER_OFFBOARDING, VERIFICATION
from emulators.servicebus.trace import Operation, TraceEntry
from shared.domain.history import Step
from tests.chaos import a_run, oracle
from tests.chaos.a_run import COMPLETED, DEVICE, LEAVER, LOOK, OTHER, STORY, at, cleared, happened, published
from tests.chaos.evidence import DeadLetter, Evidence
from tests.chaos.load import Sending
from tests.chaos.stories import Kind
from tests.chaos.tenant import Change, Post
from tests.e2e.people import PRIVATE

GOOD = a_run.went_well()
SECOND = replace(STORY, event_id="m-000002", devices=(), kind=Kind.DRY_RUN, about=frozenset())
SUCCESSOR = "successor@geheim.example"


def found(**spoiled: Any) -> set[str]:
    return {each.claim for each in oracle.violations(a_run.went_well(**spoiled))}


def as_kind(kind: Kind, **changes: Any) -> list[Sending]:
    return [Sending("m-000001", replace(STORY, kind=kind, **changes))]


def test_where_all_went_well_nothing_is_found() -> None:
    assert oracle.violations(GOOD) == []


LOST: dict[str, Callable[[], set[str]]] = {
    "a message that was sent and never reported": lambda: found(
        sendings=[*GOOD.sendings, Sending("m-000002", SECOND)], tried_at={**GOOD.tried_at, "m-000002": at(0)}
    ),
    "a message that was taken in and is nowhere": lambda: found(
        trace=[*GOOD.trace, happened(1, USER_OFFBOARDING, Operation.SCHEDULE, "m-000001:1")]
    ),
    "a message whose outcome was never sent": lambda: found(published=[], trace=GOOD.trace[:3]),
}


@pytest.mark.parametrize("what", LOST)
def test_a_lost_message_is_found(what: str) -> None:
    assert "lost" in LOST[what]()


TOUCHED: dict[str, Callable[[], set[str]]] = {
    "somebody whom no event is about": lambda: found(
        posts=[*GOOD.posts, Post(at=at(3), device=OTHER, user="somebody@geheim.example")]
    ),
    "somebody who has the leaver's device by now": lambda: found(
        posts=[*GOOD.posts, Post(at=at(9), device=DEVICE, user=SUCCESSOR)]
    ),
    "a leaver in a dry run": lambda: found(sendings=as_kind(Kind.DRY_RUN)),
    "somebody protected": lambda: found(sendings=as_kind(Kind.PROTECTED)),
    "a leaver before the event was sent": lambda: found(tried_at={"m-000001": at(2.1)}),
    "a leaver before it took effect": lambda: found(sendings=as_kind(Kind.AHEAD, ahead=timedelta(seconds=2.1))),
}


@pytest.mark.parametrize("whom", TOUCHED)
def test_a_device_that_was_wrongly_touched_is_found(whom: str) -> None:
    assert "wrongly touched" in TOUCHED[whom]()


def test_a_leaver_under_a_name_in_another_case_is_no_wrong_touch() -> None:
    assert found(posts=[Post(at=at(2), device=DEVICE, user=LEAVER.upper())]) == set()


def test_a_doubled_effect_is_found() -> None:
    again = Change(at=at(700), device=DEVICE, before="", user=LEAVER, by_administrator=True)

    assert "doubled effect" in found(changes=[*GOOD.changes, again, cleared(710)])


def test_an_accepted_post_that_is_repeated_is_found_unless_it_was_long_ago_or_its_answer_is_not_on_record() -> None:
    intent, accepted = a_run.entry(Step.INTENT, 1.5), a_run.entry(Step.ACCEPTED, 2.5)
    soon, later = a_run.entry(Step.INTENT, 60), a_run.entry(Step.INTENT, 650)

    assert found(entries={STORY.key: [intent, accepted, soon]}) == {"blindly repeated"}
    assert found(entries={STORY.key: [intent, accepted, later]}) == set()
    assert found(entries={STORY.key: [intent, soon, accepted]}) == set()


def test_a_post_by_a_delivery_that_was_under_way_when_another_was_accepted_is_no_blind_repeat() -> None:
    entries = {STORY.key: [a_run.entry(Step.INTENT, 1.5), a_run.entry(Step.ACCEPTED, 2.5), a_run.entry(Step.INTENT, 3)]}
    sent = happened(0, USER_OFFBOARDING, Operation.SEND, "m-000001-again")
    taken, late = (happened(second, USER_OFFBOARDING, Operation.DELIVER, "m-000001-again") for second in (2, 2.8))
    lost = happened(2.9, USER_OFFBOARDING, Operation.LOCK_EXPIRED, "m-000001-again")
    done = happened(6, USER_OFFBOARDING, Operation.COMPLETE, "m-000001-again")
    first_is_over = [each for each in GOOD.trace if each.operation is not Operation.DELIVER]

    def trace(*between: TraceEntry) -> list[TraceEntry]:
        return [*first_is_over[:1], sent, *between, *first_is_over[1:], done]

    assert found(entries=entries, trace=trace(taken)) == set()
    assert found(entries=entries, trace=trace(late)) == {"blindly repeated"}
    assert found(entries=entries, trace=trace(taken, lost)) == {"blindly repeated"}


def dead(reason: str, queue: str = USER_OFFBOARDING, message_id: str = "m-000001") -> DeadLetter:
    return DeadLetter(queue=queue, message_id=message_id, reason=reason, description="why")


REFUSED: dict[str, Any] = {
    "sendings": as_kind(Kind.PROTECTED),
    "posts": [],
    "changes": [],
    "entries": {},
    "after": GOOD.before,
    "published": [published(COMPLETED, "failed", {}, 4)],
    "trace": [*GOOD.trace[:2], GOOD.trace[3], happened(5, USER_OFFBOARDING, Operation.DEAD_LETTER, "m-000001")],
}


def test_a_dead_letter_is_explained_by_what_was_sent_or_is_found() -> None:
    assert found(**REFUSED, dead=[dead("ProtectedUser")]) == set()
    assert found(**REFUSED, dead=[dead("RetriesExhausted")]) == {"unexplained dead letter"}
    assert found(**REFUSED) == {"unexplained dead letter"}
    assert found(dead=[dead("UnassignmentNotConfirmed", VERIFICATION, LOOK)]) == {"unexplained dead letter"}


OTHERS: dict[str, Callable[[], set[str]]] = {
    "not ended": lambda: found(waiting=[(USER_OFFBOARDING, "m-000001:1")]),
    "settled too soon": lambda: found(trace=[GOOD.trace[4], *GOOD.trace]),
    "settled twice": lambda: found(trace=[*GOOD.trace, GOOD.trace[4]]),
    "posted without intent": lambda: found(entries={STORY.key: [a_run.entry(Step.INTENT, 2.1)]}),
    "not as it should be": lambda: found(after=GOOD.before),
    "posted more than intended": lambda: found(posts=[*GOOD.posts, Post(at=at(2.1), device=DEVICE, user=LEAVER)]),
    "bug": lambda: found(died=[1]),
}


@pytest.mark.parametrize("claim", OTHERS)
def test_whatever_else_must_hold_is_found_broken(claim: str) -> None:
    assert claim in OTHERS[claim]()


def test_a_host_that_does_not_end_well_when_it_is_told_to_is_found() -> None:
    assert found(drained={0: 4}) == set()
    assert found(drained={0: 4, -9: 1}) == {"bug"}


def test_a_post_that_is_sent_twice_is_found_unless_each_has_an_intent() -> None:
    twice = [*GOOD.posts, Post(at=at(2.1), device=DEVICE, user=LEAVER)]
    intents = [a_run.entry(Step.INTENT, 1.5), a_run.entry(Step.INTENT, 1.6), a_run.entry(Step.ACCEPTED, 2.5)]

    assert found(posts=twice) == {"posted more than intended"}
    assert found(posts=twice, entries={STORY.key: intents}) == set()


REPLAYED: dict[str, Any] = {
    **REFUSED,
    "trace": [
        *REFUSED["trace"],
        happened(6, USER_OFFBOARDING, Operation.SEND, "m-000001:r1"),
        happened(8, OUTCOMES, Operation.SEND, "failed-2"),
        happened(9, USER_OFFBOARDING, Operation.DEAD_LETTER, "m-000001:r1"),
    ],
    "published": [*REFUSED["published"], published("failed-2", "failed", {}, 8, run=1)],
    "dead": [dead("ProtectedUser", message_id="m-000001:r1")],
}


def test_a_replay_that_is_refused_again_is_a_run_of_its_own() -> None:
    assert found(**REPLAYED) == set()


def test_a_replay_that_is_reported_as_the_first_run_is_found() -> None:
    again = published("failed-2", "failed", {}, 8)

    assert found(**{**REPLAYED, "published": [REFUSED["published"][0], again]}) >= {
        "not one outcome",
        "replayed without end",
    }


def test_a_replay_that_is_settled_before_it_is_reported_is_found() -> None:
    trace = REPLAYED["trace"]

    assert "settled too soon" in found(**{**REPLAYED, "trace": [*trace[:-2], trace[-1], trace[-2]]})


@pytest.mark.parametrize("text", ["no such user: ada@contoso.example", '{"user": {}}', f"{PRIVATE} is protected"])
def test_a_dead_letter_that_names_somebody_is_found(text: str) -> None:
    named = replace(dead("ProtectedUser"), description=text)

    assert found(**REFUSED, dead=[named]) == {"personal dead letter"}


def test_a_device_of_nobody_concerned_that_changed_is_found() -> None:
    assert found(after={**GOOD.after, OTHER: ""}) == {"not as it should be"}


def test_an_error_that_nobody_expects_is_found_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "host.log"
    log.write_text("message.settled settlement=Complete\nmessage.settled settlement=Abandon\n")

    (violation,) = oracle.violations(a_run.went_well(log=log))

    assert str(violation) == "bug: message.settled settlement=Abandon"


REPORTS: dict[str, tuple[str, Callable[[], Evidence]]] = {
    "two contents": (
        "not one outcome",
        lambda: replace(
            GOOD, published=[*GOOD.published, published(COMPLETED, "completed", {DEVICE: "unassigned"}, 5)]
        ),
    ),
    "two ends": (
        "not one outcome",
        lambda: replace(GOOD, published=[*GOOD.published, published("failed-1", "failed", {}, 5)]),
    ),
    "an end of nobody's event": (
        "not one outcome",
        lambda: replace(GOOD, published=[*GOOD.published, published("x", "verified", {}, 5, subject="m-000009")]),
    ),
    "no verification": ("not verified once", lambda: replace(GOOD, published=GOOD.published[:1])),
    "a device left out": ("untrue report", lambda: reported({})),
    "another outcome than what was done": ("untrue report", lambda: reported({DEVICE: "alreadyUnassigned"})),
    "somebody else, where there is nobody": ("untrue report", lambda: reported({DEVICE: "assignedToSomeoneElse"})),
    "unassigned, where nothing was posted": ("untrue report", lambda: replace(GOOD, posts=[], entries={})),
    "verified, and not clear": ("untrue report", lambda: replace(GOOD, changes=[])),
    "would unassign, in a live run": ("untrue report", lambda: reported({DEVICE: "wouldUnassign"})),
    "already unassigned, by its own POST whose answer was lost": (
        "untrue report",
        lambda: replace(reported({DEVICE: "alreadyUnassigned"}), entries={STORY.key: [a_run.entry(Step.INTENT, 1.5)]}),
    ),
    "verified, and given to the leaver again before": (
        "untrue report",
        lambda: replace(
            GOOD,
            changes=[*GOOD.changes, Change(at=at(9), device=DEVICE, before="", user=LEAVER, by_administrator=True)],
        ),
    ),
    "another ticket": ("not what was asked", lambda: said(ticket="T-2")),
    "somebody else who asked": ("not what was asked", lambda: said(requestedBy="somebody")),
    "somebody else before": ("untrue before", lambda: said(before=SUCCESSOR)),
    "nobody before, and unassigned": ("untrue before", lambda: said(before="")),
    "failed, and completed": ("untrue report", lambda: reported({DEVICE: "failed"})),
}


def reported(lines: dict[str, str]) -> Evidence:
    return replace(GOOD, published=[published(COMPLETED, "completed", lines, 4), GOOD.published[1]])


def said(**instead: Any) -> Evidence:
    first = published(COMPLETED, "completed", {DEVICE: "unassigned"}, 4, **instead)
    return replace(GOOD, published=[first, GOOD.published[1]])


@pytest.mark.parametrize("what", REPORTS)
def test_a_report_that_is_not_true_or_not_the_only_one_is_found(what: str) -> None:
    claim, evidence = REPORTS[what]

    assert claim in {each.claim for each in oracle.violations(evidence())}


def test_every_claim_has_a_test_that_breaks_it() -> None:
    broken = {
        "replayed without end",
        "lost",
        "wrongly touched",
        "doubled effect",
        "blindly repeated",
        "unexplained dead letter",
        "personal dead letter",
    }

    assert set(oracle.CLAIMS) == broken | OTHERS.keys() | {claim for claim, _ in REPORTS.values()}
