import uuid
from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import MessageNotFoundError

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends

_DELAY = timedelta(minutes=10)


def whole_message() -> ServiceBusMessage:
    return ServiceBusMessage(
        b'{"device": "\xc3\xa4"}\x00\xff',
        message_id="m1:2",
        subject="user.offboarded",
        correlation_id="c1",
        content_type="application/json",
        to="somebody",
        reply_to="somewhere",
        time_to_live=timedelta(hours=1),
        application_properties={
            "attempt": 2,
            "originalMessageId": "m1",
            "share": 0.5,
            "replay": True,
            "run": uuid.UUID(int=7),
        },
    )


@pytest.mark.parametrize(
    "by_management", [True, False], ids=["schedule-message request", "annotation on a sent message"]
)
async def test_a_scheduled_message_comes_when_it_is_due_with_all_its_sections(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock, by_management: bool
) -> None:
    when = clock.now() + _DELAY
    message = whole_message()
    if by_management:
        await work.sender.schedule_messages(message, when)
    else:
        message.scheduled_enqueue_time_utc = when
        await work.sender.send_messages(message)
    assert await work.receiver.receive_messages(max_wait_time=0.3) == []
    assert [each.message_id for each in emulator.snapshot("work").scheduled] == ["m1:2"]

    clock.advance(_DELAY)
    emulator.sweep()

    (due,) = await work.receiver.receive_messages(max_wait_time=5)
    assert (due.message_id, b"".join(due.body), due.delivery_count) == ("m1:2", b'{"device": "\xc3\xa4"}\x00\xff', 0)
    assert (due.subject, due.correlation_id, due.content_type) == ("user.offboarded", "c1", "application/json")
    assert (due.to, due.reply_to, due.time_to_live) == ("somebody", "somewhere", timedelta(hours=1))
    assert due.application_properties == {
        b"attempt": 2,
        b"originalMessageId": b"m1",
        b"share": 0.5,
        b"replay": True,
        b"run": uuid.UUID(int=7),
    }
    assert due.enqueued_time_utc is not None
    assert abs(due.enqueued_time_utc - when) < timedelta(milliseconds=1)


async def test_a_scheduled_message_can_be_cancelled_once(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    numbers = await work.sender.schedule_messages(
        [ServiceBusMessage(b"", message_id="m1"), ServiceBusMessage(b"", message_id="m2")], clock.now() + _DELAY
    )

    await work.sender.cancel_scheduled_messages(numbers[0])

    assert [each.message_id for each in emulator.snapshot("work").scheduled] == ["m2"]
    with pytest.raises(MessageNotFoundError):
        await work.sender.cancel_scheduled_messages(numbers[0])
