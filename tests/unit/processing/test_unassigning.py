"""Rule 3: one device; fresh reads, and the intent before the POST."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.domain import errors
from shared.domain.events import Action
from shared.domain.history import History, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.plan import Target
from shared.domain.report import DeviceReport
from shared.recording import of_device
from shared.unassigning import FRESH_FOR
from tests import builders
from tests.scene import Scene

D1, EVENT = AutopilotDeviceId("d1"), EventId("event-1")
LEAVERS = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER, assigned=(builders.LEAVER,))
WHOEVERS = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER)
SUCCESSOR = builders.SUCCESSOR


def steps(scene: Scene) -> list[Step]:
    return [entry.step for entry in scene.journal.entries]


def told(report: DeviceReport) -> tuple[str, str | None]:
    return report.outcome.value, report.detail


async def test_rule_3_a_read_that_grew_stale_is_taken_again_before_the_post() -> None:
    scene = Scene(builders.device())
    scene.slow_intent()

    report = await scene.attempt(LEAVERS)

    calls = [call for call in scene.script.trail if call.startswith("graph")]
    assert calls == ["graph.get", "graph.get", "graph.unassign"]
    assert told(report) == ("unassigned", None)
    assert report.before == builders.device()


@pytest.mark.parametrize(("milliseconds", "reads"), [(3_700, 1), (3_701, 2)], ids=["in time", "too late"])
async def test_rule_3_a_read_is_fresh_for_five_seconds_of_which_sending_takes_its_part(
    milliseconds: int, reads: int
) -> None:
    scene = Scene(builders.device())
    scene.script.before("journal.append.intent", lambda: scene.clock.advance(milliseconds=milliseconds))

    await scene.attempt(LEAVERS)

    assert scene.script.trail.count("graph.get") == reads
    assert scene.posted == ["d1"]


@pytest.mark.parametrize(
    ("dry_run", "outcome"), [(False, "unassigned"), (True, "alreadyUnassigned")], ids=["live", "dry run"]
)
async def test_what_another_attempt_unassigned_and_saw_clear_after_our_read_is_told_as_the_journal_has_it_by_now(
    *, dry_run: bool, outcome: str
) -> None:
    scene = Scene(builders.device())

    async def by_another() -> None:
        first, scene.processor = scene.processor, scene.another_process()
        await scene.attempt(LEAVERS, 2)
        scene.processor = first
        scene.clock.advance(seconds=1)
        seen = builders.entry(Step.CLEAR, builders.device(user=None), event_id=of_device(D1), at=scene.clock.now())
        await scene.journal.append(seen)

    scene.script.before("journal.read", by_another)  # of the device, after the record was read

    report = await scene.attempt(LEAVERS, dry_run=dry_run)

    assert report.outcome.value == outcome
    assert scene.posted == ["d1"]


@pytest.mark.parametrize("looking", [False, True], ids=["unassigned", "looked at"])
async def test_devices_are_worked_on_at_the_same_time(looking: bool) -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    if looking:
        await scene.offboard()
    together = asyncio.Barrier(2)
    for _ in range(2):
        scene.script.before("graph.get", together.wait)

    async with asyncio.timeout(10):
        await (scene.look_again() if looking else scene.offboard())

    assert scene.outcomes() == dict.fromkeys(["d1", "d2"], "verified" if looking else "unassigned")


@pytest.mark.parametrize("target", [LEAVERS, WHOEVERS], ids=["offboarded", "retired"])
async def test_rule_3_somebody_new_at_the_second_read_is_left_alone(target: Target) -> None:
    scene = Scene(builders.device())
    scene.slow_intent(builders.device("d1", SUCCESSOR))

    report = await scene.attempt(target)

    assert scene.posted == []
    assert told(report) == ("assignedToSomeoneElse", None)
    assert steps(scene) == [Step.INTENT, Step.WITHDRAWN]
    assert [entry.device for entry in scene.journal.entries] == [builders.device(), builders.device("d1", SUCCESSOR)]


async def test_a_device_found_clear_after_its_own_intent_is_not_claimed() -> None:
    scene = Scene(builders.device())
    scene.slow_intent(builders.device("d1", None))

    first = await scene.attempt(LEAVERS)
    second = await scene.attempt(LEAVERS, number=2)

    assert told(first) == told(second) == ("alreadyUnassigned", None)
    assert scene.posted == []


async def test_a_device_gone_after_its_own_intent_is_not_found() -> None:
    scene = Scene(builders.device())
    scene.slow_intent()
    scene.script.before("graph.get", lambda: None)
    scene.script.before("graph.get", scene.graph.tenant.clear)

    assert told(await scene.attempt(LEAVERS)) == ("notFound", None)
    assert steps(scene) == [Step.INTENT, Step.WITHDRAWN]
    assert scene.journal.entries[-1].device == builders.device()


async def test_reads_that_never_stay_fresh_end_in_a_retry_and_no_post() -> None:
    scene = Scene(builders.device())
    for _ in range(9):
        scene.script.before("graph.get", lambda: scene.clock.advance(seconds=6))

    with pytest.raises(errors.GraphUnavailable, match=r"^no read of the device could be followed by its POST in time$"):
        await scene.attempt(LEAVERS)

    assert scene.script.trail.count("graph.get") == 1 + 3
    assert scene.posted == []
    assert steps(scene) == [Step.INTENT, Step.WITHDRAWN]
    assert scene.journal.entries[-1].device == builders.device()


async def test_no_intent_no_post() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.append.intent", errors.JournalUnavailable("full"))

    with pytest.raises(errors.JournalUnavailable):
        await scene.attempt(LEAVERS)

    assert scene.posted == []


async def test_a_refused_identity_leaves_no_intent_that_could_claim_a_later_clearing() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphPermissionDenied("403"))
    with pytest.raises(errors.GraphPermissionDenied):
        await scene.attempt(LEAVERS)
    scene.graph.clear("d1")

    assert told(await scene.attempt(LEAVERS, number=2)) == ("alreadyUnassigned", None)


@pytest.mark.parametrize(
    ("now_there", "outcome"),
    [
        pytest.param(builders.device("d1", None), "alreadyUnassigned", id="clear → fine"),
        pytest.param(builders.device("d1", SUCCESSOR), "assignedToSomeoneElse", id="somebody else's → left alone"),
    ],
)
@pytest.mark.parametrize("target", [LEAVERS, WHOEVERS], ids=["offboarded", "retired"])
async def test_a_rejected_post_is_read_again(now_there: Any, outcome: str, target: Target) -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphRequestRejected("409"))
    scene.script.before("graph.unassign", lambda: scene.graph.put(now_there))

    assert told(await scene.attempt(target)) == (outcome, None)
    assert scene.journal.entries[-1].device == now_there


async def test_a_rejected_post_of_a_record_that_is_gone_is_not_found_and_on_record_as_it_was() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphRequestRejected("404"))
    scene.script.before("graph.unassign", scene.graph.tenant.clear)

    assert told(await scene.attempt(LEAVERS)) == ("notFound", None)
    assert scene.journal.entries[-1].device == builders.device()


async def test_a_rejected_post_of_a_record_that_still_names_the_leaver_fails() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphRequestRejected("400, request id r-1"))

    with pytest.raises(errors.GraphRequestRejected, match="r-1"):
        await scene.attempt(LEAVERS)

    assert steps(scene) == [Step.INTENT, Step.WITHDRAWN]


async def test_two_events_work_on_one_device_one_after_the_other() -> None:
    scene = Scene(builders.device())
    entered, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        entered.set()
        await go.wait()

    scene.script.before("graph.unassign", wait)
    first = asyncio.create_task(scene.attempt(LEAVERS))
    await entered.wait()
    second = asyncio.create_task(scene.attempt(LEAVERS, event_id=EventId("event-2"), history=History()))
    await asyncio.sleep(0)
    go.set()

    assert [told(each)[0] for each in await asyncio.gather(first, second)] == ["unassigned", "alreadyUnassigned"]
    assert scene.posted == ["d1"]


def test_a_read_is_fresh_for_five_seconds() -> None:
    assert timedelta(seconds=5) == FRESH_FOR


async def test_rule_5_what_graph_accepted_is_reported_as_unassigned_and_never_as_verified() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True

    await scene.offboard()

    assert scene.graph.tenant[D1].user_principal_name == builders.LEAVER
    assert scene.outcomes() == {"d1": "unassigned"}
    assert [(each["outcome"], each["devices"][0]["detail"]) for each in scene.reports] == [("unassigned", None)]
    assert "verified" not in scene.publisher.published[0].document
