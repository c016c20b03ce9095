"""Rule 8: a dry run is the same run, but for writing to Graph."""

import pytest

from shared.domain import errors
from shared.domain.guard import Guard
from shared.domain.history import Step
from shared.messaging.settlement import Complete
from tests import builders
from tests.scene import Scene

BOTH_WAYS = pytest.mark.parametrize(
    ("setting", "key"),
    [
        pytest.param(True, None, id="the setting says so"),
        pytest.param(False, True, id="the message says so"),
        pytest.param(True, False, id="the setting says so, the message does not"),
    ],
)


@BOTH_WAYS
async def test_a_dry_run_writes_nothing_to_graph_and_says_what_it_would_do(setting: bool, key: bool | None) -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", None), dry_run=setting)
    scene.graph.listed = [builders.device("d1"), builders.device("d2")]

    await scene.offboard(body=builders.offboarded_body(dryRun=key))

    assert "graph.unassign" not in scene.script.trail
    assert scene.outcomes() == {"d1": "wouldUnassign", "d2": "alreadyUnassigned"}
    assert scene.reports[0]["dryRun"] is True
    assert scene.settlements == [Complete()]
    assert {(entry.step, entry.dry_run) for entry in scene.journal.entries} == {(Step.FOUND, True)}
    assert scene.publisher.published[0].application_properties["dryRun"] is True


async def test_a_dry_runs_report_tells_the_record_as_it_is() -> None:
    scene = Scene(builders.device(), dry_run=True)

    await scene.retire()

    assert scene.reports[0]["devices"][0]["before"]["userPrincipalName"] == builders.LEAVER
    assert scene.posted == []


async def test_what_a_dry_run_found_does_not_bind_the_live_run_after_it() -> None:
    scene = Scene(builders.device())
    await scene.retire(body=builders.retired_body(eventId="e-1", dryRun=True))
    scene.graph.put(builders.device("d1", builders.SUCCESSOR))

    await scene.retire(body=builders.retired_body(eventId="e-1"), message_id="message-2")

    assert scene.posted == ["d1"]
    assert [report["outcome"] for report in scene.reports] == ["wouldUnassign", "unassigned"]


async def test_a_live_run_that_ended_does_not_answer_a_dry_one() -> None:
    scene = Scene(builders.device())
    await scene.offboard(body=builders.offboarded_body(eventId="e-1"))
    scene.graph.put(builders.device("d2"))

    await scene.offboard(body=builders.offboarded_body(eventId="e-1", dryRun=True), message_id="message-2")

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "unassigned", "d2": "wouldUnassign"}


async def test_a_dry_run_is_retried_and_dead_lettered_like_a_live_one() -> None:
    scene = Scene(builders.device(), dry_run=True)
    scene.script.fail("graph.get", errors.GraphThrottled("429"))
    scene.script.fail("graph.get", errors.GraphPermissionDenied("403"))

    await scene.offboard()
    await scene.deliver_the_copy()

    assert [report["deadLetterReason"] for report in scene.reports] == ["GraphPermissionDenied"]
    assert scene.reports[0]["dryRun"] is True


async def test_a_device_that_only_a_dry_run_saw_is_not_the_live_runs() -> None:
    scene = Scene(builders.device("d1"), guard=Guard(max_devices_per_user=1))
    await scene.offboard(body=builders.offboarded_body(eventId="e-1", dryRun=True))
    scene.graph.put(builders.device("d1", builders.SUCCESSOR), builders.device("d2"))

    await scene.offboard(body=builders.offboarded_body(eventId="e-1"), message_id="message-2")

    assert scene.settlements == [Complete(), Complete()]
    assert scene.posted == ["d2"]
    assert scene.outcomes() == {"d2": "unassigned"}


async def test_a_device_that_a_dry_run_found_by_a_key_that_finds_none_now_is_not_the_live_runs() -> None:
    scene = Scene(builders.device("d1"))
    body = {"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}, "eventId": "e-1"}
    await scene.retire(body={**body, "dryRun": True})
    scene.graph.put(builders.device("d1", serial_number="another"))

    await scene.retire(body=body, message_id="message-2")

    assert scene.script.trail.count("graph.get") == 1
    assert (scene.reports[-1]["outcome"], scene.outcomes()) == ("noDevices", {})


@pytest.mark.parametrize("first", [True, False], ids=["a dry run, then a live one", "a live run, then a dry one"])
async def test_what_the_other_kind_of_run_knew_is_not_in_the_report_of_a_dead_letter(first: bool) -> None:
    scene = Scene(builders.device("d1"))
    await scene.offboard(body=builders.offboarded_body(eventId="e-1", dryRun=first))
    scene.script.fail("graph.directory", errors.GraphPermissionDenied("403"))

    await scene.offboard(body=builders.offboarded_body(eventId="e-1", dryRun=not first), message_id="message-2")

    assert (scene.reports[-1]["deadLetterReason"], scene.outcomes()) == ("GraphPermissionDenied", {})
