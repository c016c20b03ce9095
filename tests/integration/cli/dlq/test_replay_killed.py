"""A replay that is killed at each request it makes, and pressed again: processes of their own, real queues, a real journal."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusClient

from cli import hosting
from cli.parts import USER_OFFBOARDING
from emulators.clock import ManualClock, SystemClock
from emulators.servicebus import config
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import Operation
from shared.domain.acts import ActKind
from shared.servicebus.dead_letter_queue import SUBQUEUE
from shared.settings import reading
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import Gravedigger, acts
from tests.integration.cli.waiting import until
from tests.personal import nothing_personal

DEAD = USER_OFFBOARDING + SUBQUEUE
POINTS = {
    "looking": Fault(entity=DEAD, operation=Operation.PEEK, effect=Effect.SILENCE),
    "before it is sent": Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.SILENCE),
    "after it is sent": Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.LOSE_ANSWER),
    "before it is removed": Fault(entity=DEAD, operation=Operation.COMPLETE, effect=Effect.SILENCE),
    "after it is removed": Fault(entity=DEAD, operation=Operation.COMPLETE, effect=Effect.LOSE_ANSWER),
}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(SystemClock().now())


@pytest.fixture
def queues(clock: ManualClock) -> Iterator[ServiceBusEmulator]:
    """With a clock of its own, so that locks end when the test says so."""
    namespace = config.load(hosting.app_directory() / "infra" / "servicebus.json")
    emulator = ServiceBusEmulator(namespace, clock=clock).start()
    with ServiceBusClient.from_connection_string(emulator.connection_string) as client:
        Gravedigger(client)("k-1", {"user": {"userPrincipalName": "a@x.example"}, "eventId": "HR-1"})
    yield emulator
    emulator.stop()


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_request_and_pressed_again_it_takes_effect_once(
    offboard: Offboard, settings: dict[str, str], queues: ServiceBusEmulator, clock: ManualClock, point: str
) -> None:
    settings = settings | {"ServiceBusConnection": queues.connection_string}
    fault = queues.faults.add(POINTS[point])
    with subprocess.Popen(
        [sys.executable, "-m", "cli", "dlq", "replay", "k-1", "--operator", "Grace", "--yes"],
        cwd=hosting.app_directory(),
        env={**reading.process_environment(), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        until(lambda: any(each.fault for each in queues.trace))
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert process.stderr is not None
        nothing_personal(process.stderr.read().decode(), "what it wrote on standard error")
    queues.faults.lift(fault)
    queues.restart()  # nothing more is delivered to a link of the dead process
    somewhere = [
        *queues.snapshot(USER_OFFBOARDING).active,
        *queues.snapshot(DEAD).active,
        *queues.snapshot(DEAD).locked,
    ]
    clock.advance(timedelta(minutes=6))
    queues.sweep()

    again = [offboard("dlq", "replay", "--all", "--yes", "--json", settings=settings) for _ in range(2)]

    assert somewhere, "it is in one place at least"
    assert [result.exit_code for result in again] == [0, 0]
    assert json.loads(again[1].stdout)["deadLetters"] == []
    assert [each.message_id for each in queues.snapshot(USER_OFFBOARDING).active] == ["k-1:r1"]
    assert (queues.snapshot(DEAD).active, queues.snapshot(DEAD).locked) == ((), ())
    replays = [act for act in acts(settings, "user.offboarded:HR-1") if act.kind is ActKind.REPLAY]
    assert [(act.act_id, act.run) for act in replays] == [("k-1:r1", 1)]
