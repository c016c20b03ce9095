"""Rules 1 and 6 over an hour: with the journal or the topic out of reach nothing is lost, dead-lettered or posted twice."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from shared.domain import errors
from shared.domain.history import Step
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.scene import VERIFY_AFTER, Scene

DOWN = errors.JournalUnavailable("down")
BOTH = pytest.mark.parametrize("deliver", [Scene.offboard, Scene.retire], ids=["offboarded", "retired"])
AFTER = pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
Deliver = Callable[[Scene], Awaitable[None]]


def out_of_reach(scene: Scene, *calls: str, after: bool = False) -> None:
    error = errors.OutcomeNotPublished("closed") if calls == ("publish",) else DOWN
    for call in calls:
        scene.script.fail(call, error, times=10_000, after=after)


async def an_hour_passes(scene: Scene, *, clears_after: timedelta | None = None) -> None:
    """Deliver each copy when it is due; meanwhile Graph may clear the device, late."""
    began = scene.clock.now()
    while scene.clock.now() - began < timedelta(hours=1):
        waiting = len(scene.settler.scheduled)
        if clears_after is not None and scene.settler.scheduled[-1].enqueue_at - began >= clears_after:
            scene.graph.clear("d1")
        await scene.deliver_the_copy()
        assert len(scene.settler.scheduled) == waiting + 1


async def it_comes_back(scene: Scene) -> None:
    scene.script.mend()
    await scene.deliver_the_copy()


def assert_one_good_end(scene: Scene, *, posts: int = 1, detail: str | None = None) -> None:
    """Every copy was durable before its original was completed; the last one ended well, and there is one report."""
    copies = len(scene.settler.scheduled)
    around = [(before, call) for before, call in pairwise(scene.script.trail) if call == "settle"]
    documents = {publication.document for publication in scene.publisher.published}
    assert copies > 10
    assert len({copy.message_id for copy in scene.settler.scheduled}) == copies
    assert around == [("schedule", "settle")] * copies + [("publish", "settle")]
    assert scene.settlements == [Complete()] * (copies + 1)
    assert len(documents) == len({publication.event_id for publication in scene.publisher.published}) == 1
    assert [(line["outcome"], line["detail"]) for line in scene.reports[-1]["devices"]] == [("unassigned", detail)]
    assert scene.posted == ["d1"] * posts


@AFTER
@BOTH
async def test_an_hour_without_the_topic_ends_as_if_it_had_been_there(deliver: Deliver, after: bool) -> None:
    scene = Scene(builders.device())
    out_of_reach(scene, "publish", after=after)

    await deliver(scene)
    asked = [call for call in scene.script.trail if call.startswith("graph.")]
    await an_hour_passes(scene)
    await it_comes_back(scene)

    assert_one_good_end(scene)
    assert [call for call in scene.script.trail if call.startswith("graph.")] == asked
    assert scene.reports[-1]["attempt"] == 1


@BOTH
@pytest.mark.parametrize("call", ["journal.read", "journal.append.intent"])
async def test_an_hour_without_the_journal_from_the_start_touches_nothing_until_it_is_back(
    deliver: Deliver, call: str
) -> None:
    scene = Scene(builders.device())
    out_of_reach(scene, call)

    await deliver(scene)
    await an_hour_passes(scene)
    posted = list(scene.posted)
    await it_comes_back(scene)

    assert posted == []
    assert_one_good_end(scene)
    assert scene.reports[-1]["attempt"] == len(scene.settlements)


@BOTH
async def test_an_hour_of_intents_that_were_written_though_nobody_heard_posts_once(deliver: Deliver) -> None:
    scene = Scene(builders.device())
    out_of_reach(scene, "journal.append.intent", after=True)

    await deliver(scene)
    await an_hour_passes(scene)
    posted = list(scene.posted)
    await it_comes_back(scene)

    assert posted == []
    assert_one_good_end(scene)


WHOLE = ("journal.read", "journal.append.accepted", "journal.conclude")
RESULT = ("journal.append.accepted",)


@BOTH
@pytest.mark.parametrize("after", [False, True], ids=["unwritten", "written unheard"])
@pytest.mark.parametrize("calls", [WHOLE, RESULT], ids=["the whole journal", "the result"])
@pytest.mark.parametrize("minutes", [0, 8, 40], ids="cleared after {} minutes".format)
async def test_an_hour_without_the_journal_from_the_post_on_costs_no_second_post(
    deliver: Deliver, calls: tuple[str, ...], minutes: int, after: bool
) -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = minutes > 0
    scene.script.before("graph.unassign", lambda: out_of_reach(scene, *calls, after=after))

    await deliver(scene)
    await an_hour_passes(scene, clears_after=timedelta(minutes=minutes) if minutes else None)
    await it_comes_back(scene)

    assert_one_good_end(scene)


@BOTH
@pytest.mark.parametrize("minutes", [0, 8], ids="cleared after {} minutes".format)
async def test_an_hour_in_which_no_end_can_be_written_costs_no_second_post(deliver: Deliver, minutes: int) -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = minutes > 0
    out_of_reach(scene, "journal.conclude")

    await deliver(scene)
    await an_hour_passes(scene, clears_after=timedelta(minutes=minutes) if minutes else None)
    await it_comes_back(scene)

    assert_one_good_end(scene)


@BOTH
async def test_a_device_that_still_names_the_leaver_an_hour_after_its_post_is_posted_to_again(deliver: Deliver) -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    scene.script.before("graph.unassign", lambda: out_of_reach(scene, *WHOLE))

    await deliver(scene)
    await an_hour_passes(scene)
    posted = list(scene.posted)
    await it_comes_back(scene)

    assert posted == ["d1"]
    assert_one_good_end(scene, posts=2)
    first, second = (entry for entry in scene.journal.entries if entry.step is Step.ACCEPTED)
    assert second.at - first.at > VERIFY_AFTER


@BOTH
@pytest.mark.parametrize("cleared", [True, False], ids=["cleared", "not cleared"])
async def test_when_the_process_that_knew_of_the_post_died_too_another_posts_only_if_the_leaver_is_still_there(
    deliver: Deliver, cleared: bool
) -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = not cleared
    scene.script.before("graph.unassign", lambda: out_of_reach(scene, *WHOLE))

    await deliver(scene)
    scene.processor = scene.another_process()
    await an_hour_passes(scene)
    await it_comes_back(scene)

    assert_one_good_end(scene, posts=1 if cleared else 2, detail="responseLost" if cleared else None)


@pytest.mark.parametrize("call", ["journal.conclude", "publish"])
async def test_a_message_that_is_no_event_waits_an_hour_to_be_reported_and_is_one_dead_letter_then(call: str) -> None:
    scene = Scene()
    out_of_reach(scene, call)

    await scene.offboard(body=b"{")
    await an_hour_passes(scene)
    waited = set(scene.settlements)
    await it_comes_back(scene)

    assert waited == {Complete()}
    assert isinstance(scene.settlements[-1], DeadLetter)
    assert [report["deadLetterReason"] for report in scene.reports] == ["InvalidMessage"]
