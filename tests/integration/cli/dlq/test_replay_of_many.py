"""Replays of many: how far it is on a terminal, what is told of them, and which are chosen by their age."""

import json
from datetime import timedelta

from cli.parts import LocalParts
from emulators.clock import SystemClock
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import Bury, active, dead
from tests.integration.cli.terminals import half_in_a_terminal

MANY = 21


def test_how_far_it_is_is_shown_on_a_terminal_and_the_sum_is_told(
    offboard: Offboard, bury: Bury, parts: LocalParts, settings: dict[str, str]
) -> None:
    for number in range(MANY):
        bury(f"many-{number}")

    would = offboard("dlq", "replay", "--all")
    code, told, shown = half_in_a_terminal(["dlq", "replay", "--all", "--yes"], settings)

    assert f"{MANY} would be replayed; --json tells of each" in would.stdout
    assert code == 0
    assert f"{MANY} replayed; with --yes --json, each would have been told of" in told
    assert f"offboard dlq list tells which of the {MANY} come back" in told
    assert "dead letters" in shown
    assert "━" in shown
    assert f"{MANY}/{MANY}" in shown
    assert len(active(parts)) == MANY


def test_the_old_are_replayed_and_the_new_stay_or_the_other_way_round(
    offboard: Offboard, bury: Bury, parts: LocalParts
) -> None:
    bury("age-1:r1", replay=1, replayOf="age-1", firstEnqueuedAt=(SystemClock().now() - timedelta(days=3)).isoformat())
    bury("age-2")
    bury("age-3:r1", replay=1, replayOf="age-3", firstEnqueuedAt=(SystemClock().now() - timedelta(days=1)).isoformat())

    old = offboard("dlq", "replay", "--older-than", "2d", "--yes", "--json")
    new = offboard("dlq", "replay", "--newer-than", "6h", "--yes", "--json")

    ids = [[each["messageId"] for each in json.loads(result.stdout)["deadLetters"]] for result in (old, new)]
    assert (old.exit_code, new.exit_code) == (0, 0)
    assert ids == [["age-1:r1"], ["age-2"]]
    assert sorted(str(each.message_id) for each in active(parts)) == ["age-1:r2", "age-2:r1"]
    assert dead(parts) == ["age-3:r1"]
