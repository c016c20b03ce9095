import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from cli.unassigning import carrying
from cli.unassigning.carrying import Carrier, Done, Order
from cli.unassigning.memory import MemoryJournal
from shared.domain.device import AutopilotDevice
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphThrottled,
    GraphUnavailable,
    JournalUnavailable,
)
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import Step
from shared.domain.identifiers import AutopilotDeviceId, EventId, UserPrincipalName
from shared.domain.report import DeviceReport, Outcome
from shared.graph.asking import Route
from shared.unassigning import Unassigner
from tests import builders, fakes
from tests.builders import LEAVER, SUCCESSOR, device

EVENT = EventId("terminal-1")


def order(*names: str, **fields: Any) -> Order:
    defaults: dict[str, Any] = {
        "action": Action.UNASSIGN_USER,
        "expect_user": None,
        "route": Route.DEVICE,
        "headers": {},
        "what_if": False,
    }
    return Order(devices=[AutopilotDeviceId(name) for name in names], **{**defaults, **fields})


class Terminal:
    """A carrier over fakes; `slept` are the pauses, which take no time."""

    def __init__(self, *devices: AutopilotDevice, guard: Guard | None = None) -> None:
        self.script, self.clock = fakes.Script(), fakes.FakeClock()
        self.graph = fakes.FakeAutopilotDevices(self.clock, self.script, *devices)
        self.journal = fakes.ScriptedJournal(self.script)
        self.stop = asyncio.Event()
        self.slept: list[float] = []
        self.told: list[Done] = []
        self.asleep: Callable[[], Awaitable[object] | None] = lambda: None
        self._guard = guard or Guard(max_devices_per_user=10)

    async def carry_out(self, wanted: Order, journal: MemoryJournal | None = None) -> list[Outcome]:
        self.results = await Carrier(
            unassigner=Unassigner(
                devices=self.graph,
                journal=journal or self.journal,
                clock=self.clock,
                guard=self._guard,
                verify_after=timedelta(minutes=10),
            ),
            journal=journal or self.journal,
            event_id=EVENT,
            stop=self.stop,
            told=self.told.append,
            sleep=self._sleep,
        ).carry_out(wanted)
        return [done.report.outcome for done in self.results]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waiting = self.asleep()
        if waiting is not None:
            await waiting


async def test_each_device_is_read_recorded_and_then_unassigned() -> None:
    terminal = Terminal(device("d1"), device("d2", SUCCESSOR))

    outcomes = await terminal.carry_out(order("d1", "d2"))

    assert outcomes == [Outcome.UNASSIGNED] * 2
    assert {post for post, _ in terminal.graph.posts} == {"d1", "d2"}
    steps = [(entry.device.autopilot_device_id, entry.step) for entry in terminal.journal.entries]
    assert sorted(steps) == [(name, step) for name in ("d1", "d2") for step in (Step.ACCEPTED, Step.INTENT)]
    assert len(terminal.told) == 2


@pytest.mark.parametrize(
    ("record", "expect_user", "outcome"),
    [
        (device("d1"), LEAVER.upper(), Outcome.UNASSIGNED),
        (device("d1", SUCCESSOR), LEAVER, Outcome.ASSIGNED_TO_SOMEONE_ELSE),
        (device("d1", None), LEAVER, Outcome.ALREADY_UNASSIGNED),
        (device("d2"), LEAVER, Outcome.NOT_FOUND),
    ],
    ids=["the user", "somebody else", "nobody", "gone"],
)
async def test_a_user_who_is_expected_is_compared_first(
    record: AutopilotDevice, expect_user: str, outcome: Outcome
) -> None:
    terminal = Terminal(record)

    assert await terminal.carry_out(order("d1", expect_user=UserPrincipalName(expect_user))) == [outcome]
    assert bool(terminal.graph.posts) is (outcome is Outcome.UNASSIGNED)


@pytest.mark.parametrize(("user", "posts"), [(LEAVER, 1), (SUCCESSOR, 0)])
async def test_a_resource_account_goes_only_with_the_user_who_is_expected(user: str, posts: int) -> None:
    terminal = Terminal(device("d1", resource_name="room-7"))
    wanted = order("d1", action=Action.UNASSIGN_RESOURCE_ACCOUNT, expect_user=UserPrincipalName(user))

    await terminal.carry_out(wanted)

    assert len(terminal.graph.posts) == posts


@pytest.mark.parametrize(
    "guard",
    [
        Guard(max_devices_per_user=10, protected_users=[LEAVER]),
        Guard(max_devices_per_user=10, protected_serial_numbers=[f"{builders.SERIAL_NUMBER}-*"]),
    ],
    ids=["user", "device"],
)
async def test_what_is_protected_is_left_alone_and_not_tried_again(guard: Guard) -> None:
    terminal = Terminal(device("d1"), guard=guard)

    assert await terminal.carry_out(order("d1")) == [Outcome.FAILED]
    assert (terminal.graph.posts, terminal.slept) == ([], [])
    assert "Protected" in str(terminal.results[0].report.detail)


async def test_what_if_changes_nothing() -> None:
    terminal = Terminal(device("d1"))

    assert await terminal.carry_out(order("d1", what_if=True)) == [Outcome.WOULD_UNASSIGN]
    assert terminal.graph.posts == []


async def test_a_throttled_call_waits_as_long_as_graph_asked() -> None:
    terminal = Terminal(device("d1"))
    terminal.script.fail("graph.unassign", GraphThrottled("429", retry_after=timedelta(seconds=7)))

    assert await terminal.carry_out(order("d1")) == [Outcome.UNASSIGNED]
    assert terminal.slept == [7]


@pytest.mark.parametrize("call", ["graph.get", "journal.append.intent"])
async def test_what_waiting_does_not_mend_is_given_up_after_some_attempts(call: str) -> None:
    terminal = Terminal(device("d1"))
    error = JournalUnavailable("no") if call.startswith("journal") else GraphUnavailable("no")
    terminal.script.fail(call, error, times=99)

    assert await terminal.carry_out(order("d1")) == [Outcome.FAILED]
    assert terminal.slept == [2, 4, 8]
    assert terminal.results[0].error is error


@pytest.mark.parametrize("error", [GraphPermissionDenied("403"), GraphThrottled("429", retry_after=timedelta(hours=1))])
async def test_what_is_not_waited_for_fails_at_once(error: Exception) -> None:
    terminal = Terminal(device("d1"))
    terminal.script.fail("graph.get", error)

    assert await terminal.carry_out(order("d1")) == [Outcome.FAILED]
    assert terminal.slept == []


@pytest.mark.parametrize("kept", [True, False], ids=["with a journal", "without one"])
async def test_a_request_whose_answer_was_lost_is_told_from_one_that_was_not_needed(kept: bool) -> None:
    terminal = Terminal(device("d1"))
    terminal.script.fail("graph.unassign", GraphUnavailable("reset"), after=True)

    outcomes = await terminal.carry_out(order("d1"), None if kept else MemoryJournal())

    assert outcomes == [Outcome.UNASSIGNED]
    assert terminal.results[0].report.detail == "responseLost"
    assert len(terminal.graph.posts) == 1


async def test_somebody_new_is_left_alone_at_a_second_attempt() -> None:
    terminal = Terminal(device("d1"), device("d2", SUCCESSOR))
    terminal.script.fail("graph.unassign", GraphUnavailable("reset"), times=2)
    terminal.asleep = lambda: terminal.graph.put(device("d1", SUCCESSOR))

    outcomes = await terminal.carry_out(order("d1", "d2"))

    assert outcomes == [Outcome.ASSIGNED_TO_SOMEONE_ELSE, Outcome.UNASSIGNED]


async def test_what_was_found_on_one_device_says_nothing_about_another() -> None:
    terminal = Terminal(device("d1"), device("d2", SUCCESSOR))
    terminal.script.fail("graph.get", GraphUnavailable("reset"))  # d1 is read only after d2 was done

    assert await terminal.carry_out(order("d1", "d2")) == [Outcome.UNASSIGNED] * 2
    assert [post for post, _ in terminal.graph.posts] == ["d2", "d1"]


async def test_a_stop_ends_what_is_in_hand_and_begins_nothing_more() -> None:
    names = [f"d{n}" for n in range(carrying.AT_ONCE + 3)]
    terminal = Terminal(*map(device, names))

    all_in_hand = asyncio.Barrier(carrying.AT_ONCE)

    async def stop() -> None:
        await all_in_hand.wait()
        terminal.stop.set()

    for _ in range(carrying.AT_ONCE):
        terminal.script.before("graph.unassign", stop)

    outcomes = await terminal.carry_out(order(*names))

    assert outcomes == [Outcome.UNASSIGNED] * carrying.AT_ONCE + [Outcome.FAILED] * 3
    assert {done.report.detail for done in terminal.results[-3:]} == {"notReached"}
    assert len(terminal.graph.posts) == carrying.AT_ONCE


async def test_a_stop_ends_a_pause() -> None:
    terminal = Terminal(device("d1"))
    terminal.script.fail("graph.get", GraphUnavailable("no"), times=99)

    async def stop_and_sleep_on() -> None:
        terminal.stop.set()
        await asyncio.Event().wait()

    terminal.asleep = stop_and_sleep_on

    async with asyncio.timeout(20):
        assert await terminal.carry_out(order("d1")) == [Outcome.FAILED]
    assert terminal.script.trail.count("graph.get") == 1


def outcomes_that(check: Callable[[Done], bool]) -> set[Outcome]:
    target = AutopilotDeviceId("d1")
    reports = (DeviceReport(autopilot_device_id=target, action=Action.UNASSIGN_USER, outcome=each) for each in Outcome)
    return {report.outcome for report in reports if check(Done(report))}


def test_success_is_clear_accepted_or_would_be() -> None:
    assert outcomes_that(lambda done: done.succeeded) == {
        Outcome.UNASSIGNED,
        Outcome.ALREADY_UNASSIGNED,
        Outcome.WOULD_UNASSIGN,
    }
