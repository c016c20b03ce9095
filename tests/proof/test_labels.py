"""Whatever breaks, raises or never ends has a label that repeats it."""

import time

import pytest

from shared.messaging import settlement
from shared.messaging.incoming import IncomingMessage
from shared.processor import Processor
from tests.proof import limits, planted, played, rules, scenario, scenarios, schedules
from tests.proof.enumeration import Case
from tests.proof.process import Plant
from tests.proof.world import World


class NeverEnds(Processor):
    """Loops where it should settle."""

    async def _apply(self, message: IncomingMessage, decision: settlement.Settlement) -> None:
        while True:
            pass


def _raises(processor: Processor) -> Processor:
    raise KeyError(type(processor).__name__)


RAISES = Plant(processor=_raises)


def test_what_a_case_raises_is_what_is_broken_about_it() -> None:
    found = [Case("leaver").play(RAISES), schedules.play(3, RAISES)]

    assert [each.broken for each in found] == [("raised: KeyError: 'Processor'",)] * 2


def test_what_is_raised_on_the_way_is_told_with_the_calls_up_to_there() -> None:
    async def go_on(world: World) -> None:
        scenarios.SCENARIOS["leaver"].send(world)
        await world.run_for(1)
        raise StopAsyncIteration("no such message")

    found = played.play(lambda: scenario.begin(scenarios.SCENARIOS["leaver"]), go_on)

    assert found.broken == ("raised: StopAsyncIteration: no such message",)
    assert "graph.unassign" in found.trail


def test_a_loop_without_end_is_cut_off_and_told() -> None:
    async def go_on(world: World) -> None:
        scenarios.SCENARIOS["leaver"].send(world)
        await world.until_quiet()

    begun = scenarios.SCENARIOS["leaver"]
    found = played.play(lambda: scenario.begin(begun, plant=planted.processor(NeverEnds)), go_on, limit=0.5)

    assert found.broken == ("raised: TookTooLong: it takes more than 0.5 s",)
    assert found.trail[-1] == "publish"
    assert not scenarios.play("refused").broken


def test_stories_that_break_note_their_label() -> None:
    with pytest.raises(KeyError) as broken:
        rules.play(7, RAISES)

    assert "again: python -m tests.proof stories:7" in broken.value.__notes__


def test_the_limit_ends_with_what_it_is_for() -> None:
    with limits.limited(0.05):
        assert not scenarios.play("refused").broken

    time.sleep(0.1)  # what a limit that went on would cut off
