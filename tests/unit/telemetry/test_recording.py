"""What is recorded, as OpenTelemetry's own SDK collects it."""

from datetime import timedelta
from typing import Any

import pytest

from shared import telemetry
from shared.domain import errors
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from shared.domain.report import DeviceReport, Outcome
from shared.messaging import copies, outcome, settlement
from shared.messaging.dead_letters import Reason
from tests import builders, fakes
from tests.collecting import Collected, Point

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collected() -> Collected:
    return Collected()


def handle(decision: settlement.Settlement, seconds: float = 0, **message: Any) -> None:
    clock = fakes.FakeClock()
    taken = builders.message(**message)
    with telemetry.message(taken, clock=clock):
        clock.advance(seconds=seconds)
        telemetry.settled(taken, decision)


DECISIONS: dict[str, tuple[settlement.Settlement, str]] = {
    "Complete": (settlement.Complete(), ""),
    "Abandon": (settlement.Abandon(), ""),
    "DeadLetter": (settlement.DeadLetter(Reason.PROTECTED_USER, "text"), "ProtectedUser"),
    "DelayedRetry": (settlement.DelayedRetry(timedelta(1)), ""),
    "PutOff": (settlement.PutOff(fakes.NOW, settlement.PutOffReason.RATE_LIMIT), "rateLimit"),
}


@pytest.mark.parametrize("name", list(DECISIONS))
def test_a_settlement_is_counted_with_its_reason_and_no_description(collected: Collected, name: str) -> None:
    decision, reason = DECISIONS[name]

    handle(decision)

    attributes = {"queue": builders.OFFBOARDING, "settlement": name, "reason": reason}
    assert collected.points("autopilot.messages.settled") == [Point("autopilot.messages.settled", 1, attributes)]
    assert collected.spans()[-1].attributes == attributes


def test_a_delivery_tells_how_long_it_lay_and_how_long_it_was_in_hand(collected: Collected) -> None:
    handle(settlement.Complete(), seconds=7, enqueued_at=fakes.NOW - timedelta(seconds=30))

    seen = {point.name: point.value for point in collected.points()}

    assert seen["autopilot.message.wait"] == 30
    assert seen["autopilot.message.duration"] == 7


def test_a_message_from_the_future_has_not_waited(collected: Collected) -> None:
    handle(settlement.Complete(), enqueued_at=fakes.NOW + timedelta(seconds=30))

    assert [point.value for point in collected.points("autopilot.message.wait")] == [0]


@pytest.mark.parametrize("name", ["traceparent", "Diagnostic-Id"])
def test_the_span_is_linked_to_the_senders_trace(collected: Collected, name: str) -> None:
    handle(settlement.Complete(), application_properties={name: TRACE})

    [link] = collected.spans()[-1].links
    assert f"{link.context.trace_id:032x}" == "0af7651916cd43dd8448eb211c80319c"


def test_a_copy_of_a_copy_is_still_linked_to_who_sent_the_event(collected: Collected) -> None:
    copy = builders.message(application_properties={"traceparent": TRACE})
    for _ in range(2):
        scheduled = copies.schedule(copy, settlement.DelayedRetry(timedelta(1)), now=fakes.NOW)
        ours = {"traceparent": TRACE.replace("0af7", "ffff")}  # the SDK leaves the trace of whoever schedules the copy
        copy = builders.message(application_properties={**scheduled.application_properties, **ours})

    handle(settlement.Complete(), application_properties=copy.application_properties)

    [link] = collected.spans()[-1].links
    assert f"{link.context.trace_id:032x}".startswith("0af7")


@pytest.mark.parametrize("value", ["", "nonsense", "00-0-0-01", 7, b"\xff"])
def test_a_trace_that_is_none_is_no_link(collected: Collected, value: Any) -> None:
    handle(settlement.Complete(), application_properties={"traceparent": value})

    assert not collected.spans()[-1].links


def test_an_exception_passes_through_a_span_and_its_text_stays_out_of_it(collected: Collected) -> None:
    with (
        pytest.raises(ValueError, match="alice"),
        telemetry.message(builders.message(), clock=fakes.FakeClock()),
        telemetry.graph(write=True),
    ):
        raise ValueError("alice@contoso.example")

    assert len(collected.spans()) == 2
    assert not [span for span in collected.spans() if "alice" in (span.to_json() or "")]


def test_a_failure_is_counted_by_its_class_and_a_bug_by_no_name(collected: Collected) -> None:
    telemetry.failed(builders.message(), errors.GraphThrottled("text"))
    telemetry.failed(builders.message(), KeyError("alice@contoso.example"))

    counted = {point.attributes["error"] for point in collected.points("autopilot.attempts.failed")}
    assert counted == {"GraphThrottled", "unexpected"}


@pytest.mark.parametrize(("verification", "stage"), [(False, "completed"), (True, "verified")])
def test_an_outcome_is_counted_with_each_of_its_devices_and_its_age(
    collected: Collected, verification: bool, stage: str
) -> None:
    subject = outcome.Subject(
        event_type="user.offboarded",
        request=builders.request(),
        run=0,
        attempt=1,
        received_at=fakes.NOW - timedelta(minutes=11),
        dry_run=False,
        verification=verification,
    )
    outcomes = [Outcome.UNASSIGNED, Outcome.UNASSIGNED, Outcome.NOT_FOUND]
    reports = [
        DeviceReport(autopilot_device_id=AutopilotDeviceId(f"d{i}"), action=Action.UNASSIGN_USER, outcome=each)
        for i, each in enumerate(outcomes)
    ]

    telemetry.concluded(outcome.event(subject, settlement.Complete(), reports, now=fakes.NOW))

    points = collected.points()
    devices = {point.attributes["outcome"]: point.value for point in points if point.name == "autopilot.devices"}
    assert devices == {"unassigned": 2, "notFound": 1}
    assert [point.value for point in points if point.name == "autopilot.outcome.age"] == [660]
    [counted] = [point.attributes for point in points if point.name == "autopilot.outcomes"]
    assert (counted["stage"], counted["outcome"]) == (stage, "notFound")


def test_calls_to_graph_are_counted_by_operation_and_status(collected: Collected) -> None:
    telemetry.graph_answered([204, 429, None], write=True)
    telemetry.graph_answered([200], write=False)

    counted = {(p.attributes["operation"], p.attributes["status"]) for p in collected.points("autopilot.graph.calls")}
    assert counted == {("write", "204"), ("write", "429"), ("write", "none"), ("read", "200")}


def test_the_heart_beats(collected: Collected) -> None:
    telemetry.beat()

    assert [point.value for point in collected.points("autopilot.heartbeat")] == [1]


def test_the_oldest_message_has_an_age(collected: Collected) -> None:
    telemetry.oldest_active("user-offboarding", timedelta(minutes=3))

    assert collected.by_queue("autopilot.queue.oldest_active")["user-offboarding"] == 180
