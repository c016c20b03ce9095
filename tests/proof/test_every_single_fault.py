"""Rules 1, 3, 5 and 6: one fault of any kind at any step of a message's life changes nothing about how it ends."""

import pytest

from tests.proof import enumeration, planted, scenarios
from tests.proof.enumeration import Case


@pytest.mark.parametrize("scenario", scenarios.SCENARIOS)
def test_any_single_fault_at_any_step_is_made_good(scenario: str) -> None:
    broken = {str(case): played.broken for case in enumeration.singles(scenario) if (played := case.play()).broken}

    assert not broken, f"again: python -m tests.proof {next(iter(broken))}"


def test_every_step_of_a_run_and_of_its_look_is_among_them() -> None:
    steps = set(scenarios.play("leaver").trail)

    assert steps >= {
        "journal.read",
        "graph.directory",
        "quota.write",
        "radius.write",
        "graph.get",
        "journal.append.intent",
        "graph.unassign",
        "journal.append.accepted",
        "schedule.verification",
        "journal.conclude",
        "publish",
        "settle.complete",
        "journal.append.clear",
    }


@pytest.mark.parametrize("name", planted.PLANTS)
def test_a_wrong_way_of_working_is_caught(name: str) -> None:
    plant, invariant = planted.PLANTS[name]

    found = (claim for case in enumeration.singles("leaver", plant) for claim in case.play(plant).broken)

    assert any(claim.startswith(invariant) for claim in found)


def test_a_case_is_played_again_by_its_label() -> None:
    case = Case.parse("leaver:7-after-kill:9-before-hold")

    assert str(case) == "leaver:7-after-kill:9-before-hold"
    assert case.play() == case.play()
