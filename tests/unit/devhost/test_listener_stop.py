import asyncio

from devhost.worker import InvocationResult
from tests.unit.devhost.fakes import OK, FakeLink, Function, listener, running, until


async def test_a_message_that_arrives_after_the_stop_is_given_back_unstarted() -> None:
    link, function = FakeLink(), Function()
    link.patience = 1.0

    async with running(listener(link, function)) as stop:
        await until(lambda: link.receiving)
        stop.set()
        link.waiting.put_nowait("late")

    assert (function.started, link.settled) == ([], [("abandoned", "late")])


async def test_a_drain_waits_for_what_is_running() -> None:
    link, function = FakeLink("a"), Function(held=True)
    one = listener(link, function, auto_complete=True)

    async with running(one) as stop:
        await until(lambda: function.started)
        stop.set()
        draining = asyncio.create_task(one.drain(5))
        await asyncio.sleep(0)
        function.go.set()
        cut_off = await draining

    assert (cut_off, link.settled) == (0, [("completed", "a")])


async def test_what_outlasts_the_drain_is_cut_off_and_left_locked() -> None:
    link, function = FakeLink("a"), Function(held=True)
    one = listener(link, function)

    async with running(one) as stop:
        await until(lambda: function.started)
        stop.set()
        cut_off = await one.drain(0.01)

    assert (cut_off, link.settled) == (1, [])


async def test_a_closed_listener_runs_nothing() -> None:
    link, cancelled = FakeLink("a"), asyncio.Event()

    async def function(message: str) -> InvocationResult:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return OK

    one = listener(link, function)
    async with running(one):
        await until(link.waiting.empty)
        await asyncio.sleep(0.01)
        await one.close()

    assert (cancelled.is_set(), link.closed) == (True, 1)
