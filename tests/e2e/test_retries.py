import time
from datetime import UTC, datetime, timedelta

import pytest

from cli.parts import USER_OFFBOARDING
from emulators.graph.faults import Hang, Status, When
from emulators.servicebus.faults import Fault
from emulators.servicebus.trace import Operation
from emulators.servicebus.views import MessageView
from tests.e2e.site import Site
from tests.e2e.watching import lines

THROTTLED = Status(429, headers={"Retry-After": "2"})
ONE_RETRY = [
    ("send", ""),
    ("deliver", ""),
    ("schedule", ":1"),
    ("complete", ""),
    ("activate", ":1"),
    ("deliver", ":1"),
    ("complete", ":1"),
]


def scheduled_copy(site: Site, message: str) -> MessageView:
    """The copy while it waits."""
    return site.until(lambda: [view for view in site.waiting(USER_OFFBOARDING, message) if view.scheduled_for])[0]


def locked_copy(site: Site, message: str) -> MessageView:
    """The copy while it is in hand."""
    copy = f"{message}:1"
    locked = site.until(lambda: [v for v in site.service_bus.snapshot(USER_OFFBOARDING).locked if v.message_id == copy])
    return locked[0]


@pytest.mark.parametrize(
    ("fault", "waits"), [(THROTTLED, 2.0), (Status(503), 1.0)], ids=["429 with Retry-After", "503"]
)
def test_what_passes_is_tried_again_as_a_copy_that_is_scheduled_before_the_original_is_completed(
    site: Site, fault: Status, waits: float
) -> None:
    leaver = site.people.take()
    hang = Hang()
    site.graph.faults.add(When(method="POST", path=leaver.device, last=1), fault)
    site.graph.faults.add(When(method="GET", path=leaver.device, first=2, last=2), hang)

    message = site.left(leaver)
    waiting = scheduled_copy(site, message)
    copy = locked_copy(site, message)
    hang.release()
    data = site.end(message)

    assert (waiting.message_id, copy.message_id, copy.delivery_count) == (f"{message}:1", f"{message}:1", 1)
    assert site.steps(message) == ONE_RETRY
    assert (data["outcome"], data["attempt"]) == ("unassigned", 2)
    assert [call.status for call in site.posts(leaver.device)] == [fault.status, 204]
    assert waiting.scheduled_for is not None
    assert waiting.scheduled_for - site.posts(leaver.device)[0].time > timedelta(seconds=waits - 0.01)


def test_a_copy_tells_its_attempt_its_origin_and_its_clocks(site: Site) -> None:
    leaver = site.people.take()
    site.graph.faults.add(When(path=leaver.device, last=1), Status(503))

    message = site.left(leaver)
    copy = scheduled_copy(site, message)
    site.end(message)

    properties = dict(copy.application_properties)
    arrived = datetime.fromisoformat(properties.pop("firstEnqueuedAt"))
    failed = datetime.fromisoformat(properties.pop("firstFailedAt"))
    assert properties == {"attempt": 2, "copy": 1, "originalMessageId": message}
    assert arrived <= failed <= arrived + timedelta(seconds=10)


def test_a_message_put_off_and_retried_twice_arrives_each_time_with_the_same_body(site: Site) -> None:
    leaver = site.people.take()
    site.graph.faults.add(When(path=leaver.device, last=2), Status(503))
    later = datetime.fromtimestamp(time.time() + 2, UTC).isoformat()
    body = b'\xef\xbb\xbf{ "user" : {"userPrincipalName":"%s"},\n"effectiveAt":"%s", "x": "\xc3\xa9\\u00e9"}\r\n'
    body %= (leaver.name.encode(), later.encode())
    seen: dict[object, MessageView] = {}

    message = site.send(USER_OFFBOARDING, body, hrSystem="a sender's own")

    def ended() -> bool:
        seen.update({each.message_id: each for each in site.waiting(USER_OFFBOARDING, message)})
        return bool(site.settlement(message))

    site.until(ended)
    data = site.end(message)

    copies = [f"{message}:{number}" for number in (1, 2, 3)]
    assert {view.body for view in seen.values()} == {body}
    assert [copy for step, copy in site.steps(message) if step == "schedule"] == [":1", ":2", ":3"]
    assert [copy for step, copy in site.steps(message) if step == "complete"] == ["", ":1", ":2", ":3"]
    assert "duplicate" not in [step for step, _ in site.steps(message)]
    assert [seen[copy].application_properties["attempt"] for copy in copies] == [1, 2, 3]
    assert all(seen[copy].application_properties["hrSystem"] == "a sender's own" for copy in copies)
    assert (lines(data), data["attempt"]) == ({leaver.device: "unassigned"}, 3)


def test_a_message_put_off_retried_and_put_off_again_arrives_each_time(site: Site) -> None:
    leaver = site.people.take()
    later = datetime.fromtimestamp(time.time() + 1.5, UTC).isoformat()
    event_id = f"the event of {leaver.device}"
    event = {"user": {"userPrincipalName": leaver.name}, "eventId": event_id, "effectiveAt": later}
    hang = Hang()
    site.graph.faults.add(When(path=leaver.device, last=1), THROTTLED)
    site.graph.faults.add(When(path=leaver.device, first=2, last=2), hang)

    message = site.send(USER_OFFBOARDING, event)
    site.until(lambda: ("schedule", ":2") in site.steps(message))
    another = site.send(USER_OFFBOARDING, event)  # in hand before the copy comes, it is what the copy is put off for
    site.until(lambda: ("schedule", ":3") in site.steps(message))
    hang.release()
    site.end(another, event_id)
    site.end(message, event_id)

    assert [copy for step, copy in site.steps(message) if step == "schedule"] == [":1", ":2", ":3"]
    assert [copy for step, copy in site.steps(message) if step == "complete"] == ["", ":1", ":2", ":3"]
    assert "duplicate" not in [step for step, _ in site.steps(message)]
    assert [each["data"]["outcome"] for each in site.published(event_id)] == ["unassigned"]
    assert [call.status for call in site.posts(leaver.device)] == [204]


def test_an_original_whose_copy_cannot_be_scheduled_comes_back_itself(site: Site) -> None:
    leaver = site.people.take()
    site.graph.faults.add(When(path=leaver.device, last=1), Status(503))
    site.disturb(Fault(entity=USER_OFFBOARDING, operation=Operation.SCHEDULE, times=2))

    message = site.left(leaver)
    data = site.end(message)

    assert site.steps(message) == [
        ("send", ""),
        ("deliver", ""),
        ("lock-expired", ""),
        ("deliver", ""),
        ("complete", ""),
    ]
    assert lines(data) == {leaver.device: "unassigned"}


def test_an_event_for_the_far_future_waits(site: Site) -> None:
    leaver = site.people.take()

    message = site.left(leaver, effectiveAt="9999-12-31T23:59:59Z")
    site.until(lambda: ("complete", "") in site.steps(message))

    assert site.steps(message) == [("send", ""), ("deliver", ""), ("schedule", ":1"), ("complete", "")]
    assert [view.message_id for view in site.waiting(USER_OFFBOARDING, message)] == [f"{message}:1"]
    assert site.user_of(leaver.device) == leaver.name
