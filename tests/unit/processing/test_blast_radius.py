import asyncio
import json

import pytest

from shared.blast_radius import Allowance, BlastRadius, in_the_last_hour
from shared.domain.errors import BlastRadiusExceeded, JournalUnavailable
from tests.fakes import FakeClock
from tests.fakes_records import InMemoryRecord


@pytest.fixture
def record() -> InMemoryRecord:
    return InMemoryRecord()


def radius(record: InMemoryRecord, clock: FakeClock, limit: int = 5) -> BlastRadius:
    return BlastRadius(record, clock=clock, limit=limit, sleep=step_aside)


async def step_aside(seconds: float) -> None:
    """As long as so many others take for a step each, in place of so many milliseconds."""
    for _ in range(int(seconds * 1000)):
        await asyncio.sleep(0)


async def counted(record: InMemoryRecord) -> int:
    state = await record.read()
    return 0 if state is None else sum(json.loads(state.text).values())


async def test_as_many_as_the_limit_and_not_one_more(record: InMemoryRecord) -> None:
    one = radius(record, FakeClock())
    await one.reserve(3)
    await one.reserve(2)

    with pytest.raises(BlastRadiusExceeded, match="5 devices were counted"):
        await one.reserve(1)

    assert await counted(record) == 5


async def test_what_the_record_counts_in_the_last_hour_is_told(record: InMemoryRecord) -> None:
    clock = FakeClock()
    one = radius(record, clock)
    await one.reserve(3)
    clock.advance(minutes=45)
    await one.reserve(2)

    told = []
    for _ in range(2):
        told.append(in_the_last_hour(record.state, clock.now()))
        clock.advance(minutes=30)

    assert told == [5, 2]
    assert in_the_last_hour(None, clock.now()) == 0


async def test_all_or_none(record: InMemoryRecord) -> None:
    one = radius(record, FakeClock())
    await one.reserve(3)

    with pytest.raises(BlastRadiusExceeded):
        await one.reserve(3)

    await one.reserve(2)


async def test_processes_share_the_count(record: InMemoryRecord) -> None:
    clock = FakeClock()
    processes = [radius(record, clock, limit=50) for _ in range(10)]

    async def reserve(process: BlastRadius) -> int:
        try:
            await process.reserve(1)
        except BlastRadiusExceeded:
            return 0
        return 1

    granted = await asyncio.gather(*(reserve(processes[n % 10]) for n in range(200)))

    assert sum(granted) == 50
    assert await counted(record) == 50


async def test_what_another_process_gave_back_is_seen_before_anybody_is_refused(record: InMemoryRecord) -> None:
    clock = FakeClock()
    one, other = radius(record, clock), radius(record, clock)
    minute = await one.reserve(5)
    with pytest.raises(BlastRadiusExceeded):
        await other.reserve(1)
    await one.give_back(1, minute=minute)

    await other.reserve(1)


async def test_after_all_was_given_back_the_count_begins_anew(record: InMemoryRecord) -> None:
    one = radius(record, FakeClock())
    await one.give_back(3, minute=await one.reserve(3))

    await one.reserve(5)

    assert await counted(record) == 5


async def test_an_hour_later_there_is_room_again(record: InMemoryRecord) -> None:
    clock = FakeClock()
    one = radius(record, clock)
    await one.reserve(5)

    clock.advance(minutes=60)
    with pytest.raises(BlastRadiusExceeded):
        await one.reserve(1)
    clock.advance(minutes=1)
    await one.reserve(5)

    assert await counted(record) == 5, "what is older than an hour is forgotten"


async def test_an_operators_release_is_counted_and_not_refused(record: InMemoryRecord) -> None:
    one = radius(record, FakeClock())
    await one.reserve(5)

    await one.reserve(4, released=True)

    assert await counted(record) == 9


async def test_what_an_operator_released_can_be_given_back_although_it_is_over_the_limit(
    record: InMemoryRecord,
) -> None:
    one = radius(record, FakeClock())
    minute = await one.reserve(9, released=True)

    await one.give_back(2, minute=minute)

    assert await counted(record) == 7


async def test_a_record_out_of_reach_lets_nothing_through(record: InMemoryRecord) -> None:
    record.broken = True

    with pytest.raises(JournalUnavailable):
        await radius(record, FakeClock()).reserve(1)


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"1": null}', "nonsense"])
async def test_a_damaged_record_lets_nothing_through(record: InMemoryRecord, text: str) -> None:
    await record.write(text, over=None)

    with pytest.raises(JournalUnavailable, match="damaged"):
        await radius(record, FakeClock()).reserve(1)


async def test_a_record_that_others_keep_changing_is_given_up_after_twenty_tries_further_and_further_apart() -> None:
    class Restless(InMemoryRecord):
        async def write(self, text: str, *, over: str | None) -> str | None:
            return None

    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    one = BlastRadius(Restless(), clock=FakeClock(), limit=5, sleep=sleep, jitter=lambda: 0.5)
    with pytest.raises(JournalUnavailable, match=r"^blast radius: others were quicker each time$"):
        await one.reserve(1)

    assert slept == pytest.approx([0.015 * lost for lost in range(20)])


async def test_alone_a_reservation_is_one_storage_operation(record: InMemoryRecord) -> None:
    one = radius(record, FakeClock())
    await one.reserve(1)
    record.calls.clear()

    await one.reserve(1)

    assert record.calls == ["write"]


async def test_an_attempt_counts_its_devices_in_one_go_and_gives_back_what_it_did_not_use(
    record: InMemoryRecord,
) -> None:
    one = radius(record, FakeClock())
    allowance = Allowance(one, expected=3, released=False)

    await allowance.take()
    assert await counted(record) == 3
    await allowance.take()
    await allowance.give_back_unused()

    assert await counted(record) == 2


async def test_what_was_given_back_is_counted_anew_when_it_is_wanted_after_all(record: InMemoryRecord) -> None:
    allowance = Allowance(radius(record, FakeClock()), expected=2, released=False)
    await allowance.take()
    await allowance.give_back_unused()

    await allowance.take()

    assert await counted(record) == 2


async def test_what_can_not_be_given_back_stays_counted_and_hinders_nobody(
    record: InMemoryRecord, caplog: pytest.LogCaptureFixture
) -> None:
    allowance = Allowance(radius(record, FakeClock()), expected=3, released=False)
    await allowance.take()
    record.broken = True

    await allowance.give_back_unused()

    record.broken = False
    assert await counted(record) == 3
    assert caplog.messages == ["blast_radius.not_given_back devices=2 text=broken"]


async def test_an_attempt_that_never_acts_counts_nothing(record: InMemoryRecord) -> None:
    allowance = Allowance(radius(record, FakeClock()), expected=3, released=False)

    await allowance.give_back_unused()

    assert record.calls == []


async def test_an_attempt_with_more_devices_than_there_is_room_for_gets_none(record: InMemoryRecord) -> None:
    allowance = Allowance(radius(record, FakeClock(), limit=2), expected=3, released=False)

    for _ in range(3):
        with pytest.raises(BlastRadiusExceeded):
            await allowance.take()

    assert record.calls.count("write") == 0
    assert record.calls.count("read") == 1, "it is refused once for all"


async def test_one_more_than_expected_is_counted_by_itself(record: InMemoryRecord) -> None:
    allowance = Allowance(radius(record, FakeClock(), limit=3), expected=2, released=False)

    for _ in range(3):
        await allowance.take()
    with pytest.raises(BlastRadiusExceeded):
        await allowance.take()


async def test_a_released_attempt_is_not_refused(record: InMemoryRecord) -> None:
    allowance = Allowance(radius(record, FakeClock(), limit=2), expected=3, released=True)

    await allowance.take()

    assert await counted(record) == 3


async def test_who_comes_soon_after_the_record_was_out_of_reach_does_not_wait_for_it_again(
    record: InMemoryRecord,
) -> None:
    clock = FakeClock()
    one = radius(record, clock)
    record.broken = True
    with pytest.raises(JournalUnavailable, match="broken"):
        await one.reserve(1)
    record.broken = False

    with pytest.raises(JournalUnavailable, match=r"^blast radius: the shared record was out of reach a moment ago$"):
        await one.reserve(1)
    clock.advance(seconds=5)

    await one.reserve(1)
    assert await counted(record) == 1
