"""One scan for all who ask."""

import asyncio
import gc
from datetime import UTC, datetime, timedelta

import pytest

from emulators.clock import ManualClock
from shared.domain.directory import Directory
from shared.domain.errors import GraphUnavailable
from shared.graph.snapshot import Snapshot

MAX_AGE = timedelta(seconds=60)


class Scanner:
    """Scans that go on until the test lets them end; each is told apart by its begin."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 11, 22, tzinfo=UTC))
        self.begun = 0
        self.ended = 0
        self.begins, self.ends = asyncio.Event(), asyncio.Event()
        self.error: Exception | None = None
        self.go_on = asyncio.Event()
        self.snapshot = Snapshot(self.scan, clock=self.clock, max_age=MAX_AGE)

    async def scan(self) -> Directory:
        self.begun += 1
        self.begins.set()
        read_at = self.clock.now()
        try:
            await self.go_on.wait()
        finally:
            self.ended += 1
            self.ends.set()
        if self.error is not None:
            raise self.error
        return Directory((), read_at)


async def test_a_scan_that_runs_is_found_by_its_name_among_the_tasks() -> None:
    scanner = Scanner()
    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()

    names = [task.get_name() for task in asyncio.all_tasks()]

    scanner.go_on.set()
    await caller
    assert names.count("scan of the Autopilot list") == 1


async def test_fifty_callers_share_one_scan() -> None:
    scanner = Scanner()
    callers = [asyncio.create_task(scanner.snapshot.get()) for _ in range(50)]

    await scanner.begins.wait()
    scanner.go_on.set()
    directories = await asyncio.gather(*callers)

    assert scanner.begun == 1
    assert all(directory is directories[0] for directory in directories)


async def test_a_scan_serves_until_it_is_max_age_old() -> None:
    scanner = Scanner()
    scanner.go_on.set()

    first = await scanner.snapshot.get()
    scanner.clock.advance(MAX_AGE - timedelta(microseconds=1))
    assert await scanner.snapshot.get() is first
    scanner.clock.advance(timedelta(microseconds=1))

    assert (await scanner.snapshot.get()).read_at == first.read_at + MAX_AGE
    assert scanner.begun == 2


async def test_its_age_counts_from_its_begin() -> None:
    scanner = Scanner()
    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()
    scanner.clock.advance(MAX_AGE)
    scanner.go_on.set()

    await caller
    await scanner.snapshot.get()

    assert scanner.begun == 2


async def test_a_failed_scan_fails_for_all_who_wait_and_for_nobody_later() -> None:
    scanner = Scanner()
    scanner.error = GraphUnavailable("the scan broke")
    callers = [asyncio.create_task(scanner.snapshot.get()) for _ in range(3)]
    await scanner.begins.wait()
    scanner.go_on.set()

    assert [type(result) for result in await asyncio.gather(*callers, return_exceptions=True)] == [GraphUnavailable] * 3
    scanner.error = None
    assert (await scanner.snapshot.get()).devices == ()
    assert scanner.begun == 2


async def test_a_failed_scan_leaves_an_older_one_to_nobody() -> None:
    scanner = Scanner()
    scanner.go_on.set()
    await scanner.snapshot.get()
    scanner.clock.advance(MAX_AGE)
    scanner.error = GraphUnavailable("the scan broke")

    with pytest.raises(GraphUnavailable):
        await scanner.snapshot.get()


async def test_a_caller_who_gives_up_leaves_the_scan_to_the_others() -> None:
    scanner = Scanner()
    first, second = (asyncio.create_task(scanner.snapshot.get()) for _ in range(2))
    await scanner.begins.wait()

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    scanner.go_on.set()

    assert (await second).devices == ()
    assert scanner.begun == 1


async def test_a_scan_that_all_callers_left_still_serves_the_next_one() -> None:
    scanner = Scanner()
    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()
    caller.cancel()
    await asyncio.wait([caller])

    scanner.go_on.set()
    await scanner.snapshot.get()

    assert scanner.begun == 1


async def test_a_failure_that_nobody_waits_for_is_not_reported_as_forgotten() -> None:
    scanner = Scanner()
    scanner.error = GraphUnavailable("the scan broke")
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()
    caller.cancel()
    scanner.go_on.set()
    await scanner.ends.wait()
    await asyncio.wait([caller])
    gc.collect()

    assert complaints == []


async def test_closing_ends_the_scan_and_tells_who_waits() -> None:
    scanner = Scanner()
    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()

    await scanner.snapshot.close()

    assert scanner.ended == 1
    with pytest.raises(GraphUnavailable, match="stopping"):
        await caller


async def test_closing_without_a_scan_does_nothing() -> None:
    scanner = Scanner()

    await scanner.snapshot.close()

    assert scanner.begun == 0


async def test_an_old_scan_is_let_go_before_the_next_one_is_made() -> None:
    scanner = Scanner()
    scanner.go_on.set()
    await scanner.snapshot.get()
    scanner.go_on.clear()
    scanner.begins.clear()
    scanner.clock.advance(MAX_AGE)

    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()

    assert scanner.snapshot._latest is None
    scanner.go_on.set()
    await caller


async def test_a_caller_who_is_cancelled_while_the_scan_is_given_up_stays_cancelled() -> None:
    scanner = Scanner()
    caller = asyncio.create_task(scanner.snapshot.get())
    await scanner.begins.wait()
    closing = asyncio.create_task(scanner.snapshot.close())
    await asyncio.sleep(0)

    caller.cancel()

    with pytest.raises(asyncio.CancelledError):
        await caller
    await closing
