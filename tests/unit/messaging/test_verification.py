"""The messages by which a run comes back to be verified: ours are read, anybody else's are refused."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import InvalidMessage
from shared.messaging import verification
from shared.messaging.verification import Verification
from tests import builders, fakes

LOOK = Verification(event_type="user.offboarded", run=0, number=1, arrived_at=fakes.NOW)
ARRIVED = fakes.NOW - timedelta(hours=3)
OURS: dict[str, Any] = {
    "eventType": "user.offboarded",
    "eventId": "HR-1",
    "eventRun": 0,
    "verify": 1,
    "eventArrivedAt": ARRIVED.isoformat(),
}
NOT_OURS = r"^\$: is no verification of ours: this queue takes nothing else$"


def look(**properties: Any) -> Verification:
    return verification.read(builders.message(application_properties={**OURS, **properties}))


@pytest.mark.parametrize(
    ("properties", "read"),
    [
        pytest.param({}, {}, id="as it was sent"),
        pytest.param({"eventType": "device.retired"}, {"event_type": "device.retired"}, id="another event"),
        pytest.param({"eventRun": 2, "verify": 3}, {"run": 2, "number": 3}, id="a later look at a replay"),
        pytest.param({"eventRun": 1_000_000}, {"run": 1_000_000}, id="the largest number"),
        pytest.param({"eventArrivedAt": "soon"}, {"arrived_at": fakes.NOW}, id="no time → when the message arrived"),
        pytest.param(
            {"eventArrivedAt": "0001-01-01T00:00:00+14:00"}, {"arrived_at": fakes.NOW}, id="no such time in UTC"
        ),
    ],
)
def test_a_look_says_at_which_run_of_which_event_and_since_when(
    properties: dict[str, Any], read: dict[str, Any]
) -> None:
    assert look(**properties) == replace(LOOK, **{"arrived_at": ARRIVED, **read})


@pytest.mark.parametrize(
    "properties",
    [
        {"eventType": "user.hired"},
        {"eventType": None},
        {"verify": 0},
        {"verify": "1"},
        {"verify": True},
        {"eventRun": -1},
        {"eventRun": None},
        {"eventRun": 1_000_001},
    ],
    ids=str,
)
def test_what_we_did_not_send_is_refused(properties: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage, match=NOT_OURS):
        look(**properties)


@pytest.mark.parametrize("event_id", [None, "", 7])
def test_a_look_at_an_event_without_an_id_is_refused(event_id: Any) -> None:
    message = builders.message(builders.offboarded_body(), application_properties={**OURS, "eventId": event_id})

    with pytest.raises(InvalidMessage, match=NOT_OURS):
        verification.event(message, LOOK)


def test_the_event_is_read_back_under_its_own_id_whatever_else_the_message_carries() -> None:
    properties = {**OURS, "cloudEvents:specversion": "0.3"}
    message = builders.message(builders.offboarded_body(), application_properties=properties)

    assert verification.event(message, LOOK) == builders.offboarded(request=builders.request(event_id="HR-1"))


def test_a_look_is_sent_as_the_event_with_what_it_needs_and_nothing_of_the_message_before() -> None:
    after = builders.message(
        b"{}", subject="s", to="t", reply_to="r", partition_key="p", correlation_id="c", content_type="text/plain"
    )

    sent = verification.schedule(
        builders.offboarded(), LOOK, queue=builders.VERIFICATION, at=fakes.NOW + timedelta(minutes=10), after=after
    )

    assert sent.message_id == "user.offboarded:event-1:0:verify:1"
    assert sent.enqueue_at == fakes.NOW + timedelta(minutes=10)
    assert sent.application_properties == {
        "eventType": "user.offboarded",
        "eventId": "event-1",
        "eventRun": 0,
        "verify": 1,
        "eventArrivedAt": fakes.NOW.isoformat(),
    }
    body = b'{"user":{"userPrincipalName":"leaver.lastname@contoso.com"}}'
    bare: dict[str, Any] = {"subject": None, "to": None, "reply_to": None, "partition_key": None}
    assert sent.original == replace(
        after, queue=builders.VERIFICATION, body=body, content_type="application/json", **bare
    )


def test_the_override_of_a_run_goes_along_and_a_replayed_look_stays_one() -> None:
    properties = {"override": "o-1", "replay": 2}
    after = builders.message(queue=builders.VERIFICATION, application_properties=properties)

    sent = verification.schedule(
        builders.offboarded(), replace(LOOK, number=2), queue=builders.VERIFICATION, at=fakes.NOW, after=after
    )
    of_an_event = verification.schedule(
        builders.offboarded(), LOOK, queue=builders.VERIFICATION, at=fakes.NOW, after=replace(after, queue="another")
    )

    assert sent.message_id == "user.offboarded:event-1:0:verify:2:r2"
    assert {name: sent.application_properties[name] for name in properties} == properties
    assert of_an_event.message_id == "user.offboarded:event-1:0:verify:1"
    assert "replay" not in of_an_event.application_properties
