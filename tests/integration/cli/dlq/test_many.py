"""Ten thousand dead letters, which expired in the queue."""

import itertools
import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from cli import hosting
from cli.parts import USER_OFFBOARDING
from emulators.clock import ManualClock, SystemClock
from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator
from shared.servicebus.dead_letter_queue import SUBQUEUE
from tests.integration.cli.conftest import Offboard

MANY = 10_000
IN_ONE_SEND = 500


@pytest.fixture
def emulator() -> Iterator[ServiceBusEmulator]:
    namespace = config.load(hosting.app_directory() / "infra" / "servicebus.json")
    clock = ManualClock(SystemClock().now() - timedelta(days=20))
    emulator = ServiceBusEmulator(namespace, clock=clock).start()
    messages = (
        ServiceBusMessage(
            json.dumps({"eventId": f"E-{n}", "user": {"userPrincipalName": f"u{n}@contoso.example"}}),
            message_id=f"m-{n}",
        )
        for n in range(MANY)
    )
    client = ServiceBusClient.from_connection_string(emulator.connection_string)
    with client, client.get_queue_sender(USER_OFFBOARDING) as sender:
        for batch in itertools.batched(messages, IN_ONE_SEND, strict=True):
            sender.send_messages(list(batch))
    clock.advance(timedelta(days=20))
    emulator.sweep()
    yield emulator
    emulator.stop()


def test_ten_thousand_are_listed_filtered_and_gone_through_in_less_than_a_minute(
    emulator: ServiceBusEmulator, offboard: Offboard, settings: dict[str, str]
) -> None:
    settings = settings | {"ServiceBusConnection": emulator.connection_string}
    started = time.process_time()  # of the command and the emulator together, whoever else the machine works for

    listed = offboard("dlq", "list", "--json", settings=settings)
    none = offboard("dlq", "list", "--messages", "--newer-than", "19d", settings=settings)
    replayed = offboard("dlq", "replay", "m-0", f"m-{MANY - 1}", "--yes", settings=settings)

    assert time.process_time() - started < 60
    (group,) = json.loads(listed.stdout)["groups"]
    assert (group["reason"], group["count"], group["oldestSeconds"] // 86_400) == ("TTLExpiredException", MANY, 20)
    assert none.stdout == "no dead letters\n"
    assert replayed.exit_code == 0
    left = emulator.snapshot(USER_OFFBOARDING + SUBQUEUE)
    assert (len(left.active), left.locked) == (MANY - 2, ())
    assert [each.message_id for each in emulator.snapshot(USER_OFFBOARDING).active] == ["m-0:r1", f"m-{MANY - 1}:r1"]
