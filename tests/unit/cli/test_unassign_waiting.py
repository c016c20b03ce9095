import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from cli.unassigning import carrying, ending
from cli.unassigning.carrying import Done
from cli.unassigning.memory import MemoryJournal, MemoryRecord
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphThrottled,
    GraphUnavailable,
    JournalUnavailable,
)
from shared.domain.events import Action
from shared.domain.history import Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.report import DeviceReport, Outcome
from tests import builders
from tests.builders import SUCCESSOR, device
from tests.unit.cli.terminal import Terminal, order


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


@pytest.mark.parametrize(
    ("call", "error", "after", "unknown"),
    [
        ("graph.unassign", GraphUnavailable("reset"), True, True),
        ("journal.append.accepted", JournalUnavailable("no"), False, True),
        ("journal.append.intent", JournalUnavailable("no"), False, False),
        ("graph.get", GraphUnavailable("no"), False, False),
        ("graph.unassign", GraphThrottled("429"), False, False),
    ],
    ids=["the answer was lost", "not recorded", "no intent", "not read", "throttled"],
)
async def test_what_became_of_a_device_is_unknown_once_its_call_may_have_been_accepted(
    capsys: pytest.CaptureFixture[str], call: str, error: Exception, after: bool, unknown: bool
) -> None:
    terminal = Terminal(device("d1"))
    terminal.script.fail(call, error, times=99, after=after)
    if after:  # the read that would tell fails as well
        terminal.asleep = lambda: terminal.script.fail("graph.get", error, times=99)

    outcomes = await terminal.carry_out(order("d1"))
    code = ending.code(terminal.results)

    told = capsys.readouterr().err
    assert outcomes == [Outcome.FAILED]
    assert (terminal.results[0].unknown, code) == (unknown, 1 if unknown else 2)
    assert ("it is not known what became of 1 device: " in told) is unknown
    assert ("nothing could be reached" in told) is not unknown
    assert ("JOURNAL_URL" in told, "GRAPH_ENDPOINT" in told) == (call.startswith("journal"), call.startswith("graph"))


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


async def test_a_journal_of_the_command_alone_tells_events_apart() -> None:
    journal = MemoryJournal()
    await journal.append(builders.entry(Step.INTENT))

    records = [(await journal.read(EventId(each))).history.entries for each in ("event-1", "device:d1")]

    assert [len(entries) for entries in records] == [1, 0]


async def test_a_record_of_the_command_alone_is_written_over_what_was_read_and_nothing_else() -> None:
    record = MemoryRecord()
    first = await record.write("a", over=None)

    assert await record.write("b", over=None) is None
    assert await record.write("b", over=first) is not None
    state = await record.read()
    assert state is not None
    assert state.text == "b"
