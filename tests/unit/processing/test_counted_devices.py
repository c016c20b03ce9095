"""BLAST_RADIUS_PER_HOUR in the course of events: who is counted, once, before anything is done, over all processes."""

import asyncio
import json

from shared import assembly
from shared.domain import errors
from shared.domain.history import History
from shared.domain.identifiers import EventId
from shared.domain.report import Outcome
from shared.recording import Run
from tests import builders
from tests.scene import Scene


def counted(scene: Scene, name: str = "live") -> int:
    state = scene.records.record(name).state
    return 0 if state is None else sum(json.loads(state.text).values())


async def test_of_many_leavers_on_two_hosts_as_many_are_unassigned_as_the_limit_says_and_the_rest_wait() -> None:
    leavers = [f"leaver{n}@contoso.com" for n in range(200)]
    devices = [builders.device(f"d{n}", name) for n, name in enumerate(leavers)]
    scene = Scene(*devices, blast_radius=50)
    hosts = [scene.processor, scene.another_process()]

    async def leave(number: int, name: str) -> None:
        body = {"user": {"userPrincipalName": name}}
        await hosts[number % 2].user_offboarding(builders.Trigger(body=body, message_id=f"m-{number}"))

    await asyncio.gather(*(leave(number, name) for number, name in enumerate(leavers)))

    assert len(scene.posted) == 50
    reasons = [report["deadLetterReason"] for report in scene.reports]
    assert (reasons.count(None), reasons.count("BlastRadiusExceeded")) == (50, 150)


async def test_a_leaver_with_more_devices_than_there_is_room_for_keeps_them_all() -> None:
    scene = Scene(*(builders.device(f"d{n}") for n in range(3)), blast_radius=2)

    await scene.offboard()

    assert scene.posted == []
    assert counted(scene) == 0
    assert scene.reports[-1]["deadLetterReason"] == "BlastRadiusExceeded"
    assert {line["detail"] for line in scene.reports[-1]["devices"]} == {
        "BlastRadiusExceeded: 0 devices were counted in the last hour; BLAST_RADIUS_PER_HOUR is 2"
    }


async def test_an_event_is_counted_once_however_often_it_is_tried() -> None:
    scene = Scene(builders.device())
    for _ in range(3):
        scene.script.fail("graph.unassign", errors.GraphUnavailable("503"))

    await scene.offboard()
    for _ in range(3):
        await scene.deliver_the_copy()

    assert len(scene.posted) == 1
    assert counted(scene) == 1


async def test_a_look_that_unassigns_again_counts_nothing_again() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()

    await scene.look_until_the_end()

    assert counted(scene) == 1


async def test_what_was_not_unassigned_after_all_is_given_back() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", builders.SUCCESSOR), builders.device("d3", None))
    scene.graph.listed = [builders.device("d1"), builders.device("d2"), builders.device("d3")]

    await scene.offboard()

    assert scene.posted == ["d1"]
    assert counted(scene) == 1


async def test_dry_runs_are_counted_apart() -> None:
    scene = Scene(*(builders.device(f"d{n}") for n in range(2)), dry_run=True, blast_radius=3)

    await scene.offboard()
    await scene.offboard(message_id="m-2")

    assert (counted(scene), counted(scene, "dry")) == (0, 2)
    assert [report["deadLetterReason"] for report in scene.reports] == [None, "BlastRadiusExceeded"]


async def test_a_count_out_of_reach_waits_and_touches_nothing() -> None:
    scene = Scene(builders.device())
    scene.records.record("live").broken = True

    await scene.offboard()
    assert scene.posted == []
    scene.records.record("live").broken = False
    await scene.deliver_the_copy()

    assert scene.posted == ["d1"]


async def test_a_retired_device_refused_by_the_count_binds_a_replay_to_whom_it_had() -> None:
    scene = Scene(builders.device(), blast_radius=0)
    await scene.retire()
    assert scene.reports[-1]["deadLetterReason"] == "BlastRadiusExceeded"
    scene.graph.put(builders.device("d1", builders.SUCCESSOR))
    scene.blast_radius = 9
    scene.processor = scene.another_process()

    await scene.retire(message_id="message-1:r1", application_properties={"replay": 1})

    assert scene.posted == []
    assert scene.outcomes() == {"d1": "assignedToSomeoneElse"}


async def test_where_nobody_counts_the_devices_are_handled_all_the_same() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"), dry_run=True)
    handlers = assembly.handlers(scene.tenant, scene.journal, scene.clock, scene.rules)
    run = Run(
        event_id=EventId("event-1"), number=0, attempt=1, dry_run=True, event_at=scene.clock.now(), history=History()
    )

    handled = await handlers.unassign_for_offboarded_user(builders.offboarded(), run)

    outcomes = [(line.autopilot_device_id, line.outcome) for line in handled.reports]
    assert outcomes == [("d1", Outcome.WOULD_UNASSIGN), ("d2", Outcome.WOULD_UNASSIGN)]
    assert (handled.failure, scene.records.record("dry").calls) == (None, [])
