import asyncio

import pytest

from devhost import errors
from devhost.worker import InvocationResult
from tests.unit.devhost.fakes import FAILED, OK, FakeLink, Function, listener, running, until


async def test_no_more_run_at_once_than_there_are_slots() -> None:
    link, function = FakeLink("a", "b", "c"), Function(held=True)

    async with running(listener(link, function, slots=2)):
        await until(lambda: len(function.started) == 2)
        receives = link.receiving
        await asyncio.sleep(0.02)
        at_the_limit, receives_at_the_limit = list(function.started), link.receiving
        function.go.set()
        await until(lambda: len(function.started) == 3)

    assert at_the_limit == ["a", "b"]
    assert receives_at_the_limit == receives == 2


async def test_a_failed_invocation_is_abandoned() -> None:
    link = FakeLink("a")

    async with running(listener(link, Function(result=FAILED), auto_complete=True)):
        await until(lambda: link.settled)

    assert link.settled == [("abandoned", "a")]


@pytest.mark.parametrize(
    ("auto_complete", "settled"),
    [pytest.param(False, [], id="left to the app"), pytest.param(True, [("completed", "a")], id="completed")],
)
async def test_a_success_is_completed_only_if_the_app_asks(auto_complete: bool, settled: list[tuple[str, str]]) -> None:
    link, function = FakeLink("a"), Function()

    async with running(listener(link, function, auto_complete=auto_complete)):
        await until(lambda: function.started)

    assert link.settled == settled


async def test_a_settlement_that_fails_stops_nothing() -> None:
    link = FakeLink("a", "b")
    link.failures_to_settle = [errors.LockLost("settled by the app")]

    async with running(listener(link, Function(result=FAILED))):
        await until(lambda: link.settled)

    assert link.settled == [("abandoned", "b")]


async def test_a_lost_link_is_opened_again_as_often_as_it_takes() -> None:
    link, function = FakeLink("a"), Function()
    link.failures_to_receive = [errors.LinkLost("hung up")]
    link.failures_to_open = [errors.LinkLost("refused"), errors.LinkLost("refused")]

    async with running(listener(link, function)):
        await until(lambda: function.started)

    assert link.opened == 3


async def test_a_link_that_never_opens_does_not_outlive_the_stop() -> None:
    link = FakeLink()
    link.failures_to_open = [errors.LinkLost("refused") for _ in range(1000)]
    stop = asyncio.Event()
    opening = asyncio.create_task(listener(link, Function()).open(stop))
    await until(lambda: link.opened)

    stop.set()

    await asyncio.wait_for(opening, 5)


async def test_a_defect_is_logged_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    link = FakeLink("a", "b")

    async def function(message: str) -> InvocationResult:
        if message == "a":
            raise LookupError("a defect of ours")
        return OK

    async with running(listener(link, function, auto_complete=True)):
        await until(lambda: link.settled)

    assert link.settled == [("completed", "b")]
    assert [record.message for record in caplog.records] == ["listener.defect"]


async def test_a_link_that_opens_and_breaks_again_and_again_is_not_tried_in_a_frenzy() -> None:
    link = FakeLink()
    link.failures_to_receive = [errors.LinkLost("no such queue") for _ in range(1000)]

    async with running(listener(link, Function())):
        await until(lambda: link.opened == 3)
        await asyncio.sleep(0.05)
        opened = link.opened

    assert opened <= 4
