"""What a guard refused is released by an operator's override in the journal, for one run of one event, and by nothing else."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.acts import ActKind
from shared.domain.guard import Guard
from tests import builders
from tests.scene import Scene

OLD = builders.offboarded_body(occurredAt="2026-11-01T00:00:00Z")


def protecting(**guard: Any) -> Scene:
    return Scene(builders.device(group_tag="kiosk"), guard=Guard(**{"max_devices_per_user": 9, **guard}))


GUARDED: dict[str, tuple[Callable[[], Scene], dict[str, Any]]] = {
    "ProtectedUser": (lambda: protecting(protected_users=[builders.LEAVER]), {}),
    "ProtectedDevice": (lambda: protecting(protected_group_tags=["kiosk"]), {}),
    "TooManyDevices": (lambda: protecting(max_devices_per_user=0), {}),
    "BlastRadiusExceeded": (lambda: Scene(builders.device(), blast_radius=0), {}),
    "StaleMessage": (lambda: Scene(builders.device()), {"body": OLD}),
}


@pytest.mark.parametrize("reason", GUARDED)
async def test_an_override_releases_what_the_guard_refused(reason: str) -> None:
    make, trigger = GUARDED[reason]
    scene = make()
    await scene.offboard(**trigger)
    assert scene.reports[-1]["deadLetterReason"] == reason
    assert scene.posted == []
    await scene.release()

    await scene.replay(**trigger)

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "unassigned"}


async def test_an_override_accepts_a_list_that_is_suspiciously_short() -> None:
    scene = Scene(builders.device(), policy=replace(builders.POLICY, max_attempts=1))
    scene.graph.suspicious = True
    await scene.offboard()
    assert scene.reports[-1]["deadLetterReason"] == "SuspiciousScan"
    await scene.release()

    await scene.replay()

    assert scene.posted == ["d1"]


@pytest.mark.parametrize(
    "key", [{"serialNumber": "PF3XK7Q9-d1"}, {"entraDeviceId": "e1"}, {"managedDeviceId": "m1"}], ids=str
)
async def test_it_does_so_too_for_a_retired_device_that_the_list_leads_to(key: dict[str, str]) -> None:
    scene = Scene(
        builders.device(entra_device_id="e1", managed_device_id="m1"), policy=replace(builders.POLICY, max_attempts=1)
    )
    scene.graph.suspicious = True
    await scene.retire(body={"device": key})
    assert scene.reports[-1]["deadLetterReason"] == "SuspiciousScan"
    await scene.release(event="device.retired:message-1")

    await scene.retire(
        body={"device": key}, message_id="message-1:r1", application_properties={"replay": 1, "override": "o-1"}
    )

    assert scene.posted == ["d1"]


async def forged(scene: Scene, **trigger: Any) -> None:
    await scene.replay(**trigger)


async def of_another_event(scene: Scene, **trigger: Any) -> None:
    await scene.release(event="user.offboarded:message-2")
    await scene.replay(**trigger)


async def of_the_other_queue(scene: Scene, **trigger: Any) -> None:
    await scene.release(event="device.retired:message-1")
    await scene.replay(**trigger)


async def of_another_run(scene: Scene, **trigger: Any) -> None:
    await scene.release(run=2)
    await scene.replay(**trigger)


async def of_no_run(scene: Scene, **trigger: Any) -> None:
    await scene.release(run=0)
    await scene.replay(**trigger)


async def of_other_contents(scene: Scene, **trigger: Any) -> None:
    await scene.release(contents="those of another body")
    await scene.replay(**trigger)


async def not_carried(scene: Scene, **trigger: Any) -> None:
    await scene.release()
    await scene.replay(override=None, **trigger)


async def another_act(scene: Scene, **trigger: Any) -> None:
    await scene.release()
    scene.journal.acts = [replace(act, kind=ActKind.REPLAY) for act in scene.journal.acts]
    await scene.replay(**trigger)


OTHERS = [
    forged,
    of_another_event,
    of_the_other_queue,
    of_another_run,
    of_no_run,
    of_other_contents,
    not_carried,
    another_act,
]


@pytest.mark.parametrize("play", OTHERS, ids=[each.__name__ for each in OTHERS])
@pytest.mark.parametrize("reason", GUARDED)
async def test_any_other_releases_nothing(reason: str, play: Callable[..., Awaitable[None]]) -> None:
    make, trigger = GUARDED[reason]
    scene = make()
    await scene.offboard(**trigger)

    await play(scene, **trigger)

    assert scene.posted == []
    assert [report["deadLetterReason"] for report in scene.reports] == [reason, reason]


async def test_an_override_survives_a_retry_and_holds_for_the_looks_after_it() -> None:
    scene = protecting(protected_users=[builders.LEAVER])
    await scene.offboard()
    await scene.release()
    scene.graph.lagging = True
    scene.script.fail("graph.get", TimeoutError())
    await scene.replay(delivery_count=1)

    await scene.replay(delivery_count=2)
    await scene.look_until_the_end()

    assert len(scene.posted) == 4
    assert scene.reports[-1]["deadLetterReason"] == "UnassignmentNotConfirmed"


async def test_an_override_does_not_release_the_run_after_it() -> None:
    scene = protecting(protected_users=[builders.LEAVER])
    await scene.offboard()
    await scene.release()
    scene.graph.lagging = True
    await scene.replay()

    await scene.replay(run=2)

    assert scene.reports[-1]["deadLetterReason"] == "ProtectedUser"
    assert len(scene.posted) == 1


async def test_a_released_run_may_be_dry_and_says_what_it_would_do() -> None:
    scene = protecting(protected_users=[builders.LEAVER])
    await scene.release()
    scene.go_dry()

    await scene.replay()

    assert scene.posted == []
    assert scene.outcomes() == {"d1": "wouldUnassign"}
