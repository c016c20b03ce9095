"""Rules 1, 3, 5 and 6: one fault of any kind at any step of a message's life changes nothing about how it ends."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.proof import enumeration, faults, planted, scenarios
from tests.proof.enumeration import Case
from tests.proof.faults import Fault, Mode, Side


@pytest.mark.parametrize("scenario", scenarios.SCENARIOS)
def test_any_single_fault_at_any_step_is_made_good(scenario: str) -> None:
    cases = [(case, case.play()) for case in enumeration.singles(scenario)]

    broken = {str(case): played.broken for case, played in cases if played.broken}
    missed = [str(case) for case, played in cases if tuple(played.fired) != case.faults]
    assert not broken, "again: " + "; ".join(f"python -m tests.proof {label}" for label in broken)
    assert not missed


def test_every_step_of_a_messages_life_is_among_them() -> None:
    """But decoding, which asks nobody: to die or to stand still then is to do so before the first reading of the journal."""
    steps = {step for scenario in scenarios.SCENARIOS for step in scenarios.play(scenario).trail}

    assert steps == {
        "journal.read",
        "token",
        "graph.scan",
        "scan.read",
        "scan.write",
        "graph.search",
        "graph.user",
        "quota.read",
        "quota.write",
        "graph.get",
        "graph.batch.get",
        "radius.read",
        "radius.write",
        "radius-dry.write",
        "journal.append.intent",
        "graph.unassign",
        "graph.batch.unassign",
        "journal.append.accepted",
        "schedule.verification",
        "schedule.copy",
        "journal.conclude",
        "publish",
        "settle.complete",
        "settle.deadletter",
        "journal.append.clear",
        "journal.append.found",
        "journal.append.withdrawn",
    }


def test_every_mode_is_tried_at_every_step_before_it_and_after() -> None:
    tried = defaultdict(set)
    for scenario in scenarios.SCENARIOS:
        trail = scenarios.play(scenario).trail
        for case in enumeration.singles(scenario):
            tried[trail[case.faults[0].call]].add((case.faults[0].side, case.faults[0].mode))

    assert {step: kinds - {(Side.BEFORE, Mode.KILL)} for step, kinds in tried.items()} == {
        step: set(faults.kinds(step)) - {(Side.BEFORE, Mode.KILL)} for step in tried
    }
    assert (Side.BEFORE, Mode.KILL) in tried["journal.read"]


def test_of_a_batch_that_is_throttled_in_part_the_rest_takes_effect() -> None:
    trail = scenarios.play("five-devices").trail
    sent = trail.index("graph.batch.unassign")

    after = Case.parse(f"five-devices:{sent}-before-part").play().trail[sent + 1 :]

    first, again = after.index("journal.append.accepted"), after.index("schedule.copy")
    assert after[first:again].count("journal.append.accepted") == 3
    assert after[again:].count("journal.append.accepted") == 2


def test_a_second_fault_is_tried_at_what_the_first_one_leads_to() -> None:
    search = scenarios.play("retired").trail.index("graph.search")
    first = Case.parse(f"retired:{search}-before-error")

    steps = {case.play().trail[case.faults[1].call] for case in itertools.islice(enumeration.seconds(first), 60)}

    assert "schedule.copy" in steps


@pytest.mark.parametrize("scenario", scenarios.SCENARIOS)
def test_what_pairs_leave_out_of_reads_is_as_good_as_a_read_that_was_never_made(scenario: str) -> None:
    reads = [call for call, name in enumerate(scenarios.play(scenario).trail) if name in faults.READS]
    lost = [Fault(call, Side.AFTER, mode) for call in reads for mode in (Mode.ERROR, Mode.TIMEOUT, Mode.KILL)]

    differ = [
        str(each) for each in lost if _leads_to(scenario, each) != _leads_to(scenario, replace(each, side=Side.BEFORE))
    ]

    assert lost
    assert not differ


def _leads_to(scenario: str, fault: Fault) -> tuple[Sequence[str], Sequence[str]]:
    played = Case(scenario, (fault,)).play()
    return played.trail, played.broken


def test_pairs_that_are_left_out_are_drawn_by_their_number_and_are_no_others() -> None:
    drawn = [enumeration.drawn("refused", number) for number in range(40)]

    pairs = {str(pair) for first in enumeration.singles("refused") for pair in enumeration.seconds(first)}
    assert sum(case is not None for case in drawn) > 30
    assert not pairs & set(map(str, drawn))
    assert drawn[7] == enumeration.drawn("refused", 7)


@pytest.mark.parametrize("name", [*planted.PLANTS, *planted.OF_SCENARIOS])
def test_a_wrong_way_of_working_is_caught(name: str) -> None:
    wrong = (planted.PLANTS | planted.OF_SCENARIOS)[name]

    cases = enumeration.singles(wrong.scenario, wrong.plant)
    found = (claim for case in cases for claim in case.play(wrong.plant).broken)

    assert any(claim.startswith(wrong.invariant) for claim in found)


def test_a_case_is_played_again_by_its_label() -> None:
    case = Case.parse("leaver:7-after-kill:9-before-hold")

    assert str(case) == "leaver:7-after-kill:9-before-hold"
    assert case.play() == case.play()
