"""How many devices the last scan found, over all processes, and what it says about the next one."""

import pytest

from shared.domain.errors import JournalUnavailable
from shared.graph.scan_size import LastSize
from tests.fakes_records import InMemoryRecord


@pytest.fixture
def record() -> InMemoryRecord:
    return InMemoryRecord()


async def last(record: InMemoryRecord) -> str | None:
    state = await record.read()
    return None if state is None else state.text


@pytest.mark.parametrize("size", [0, 1, 1_000])
async def test_the_first_scan_of_all_is_believed(record: InMemoryRecord, size: int) -> None:
    assert await LastSize(record).doubts(size) is None
    assert await last(record) == str(size)


@pytest.mark.parametrize(
    ("before", "size", "doubted"),
    [(10, 5, False), (10, 4, True), (9, 5, False), (9, 4, True), (1, 0, True), (0, 0, False), (10, 30, False)],
)
async def test_half_as_many_as_the_last_is_the_least_that_is_believed(
    record: InMemoryRecord, before: int, size: int, doubted: bool
) -> None:
    one, other = LastSize(record), LastSize(record)
    await one.doubts(before)

    why = await other.doubts(size)

    assert why == (f"the list has {size} devices, and the last one had {before}" if doubted else None)
    assert await last(record) == str(before if doubted else size), "what is not believed is not the last one"


async def test_a_doubted_scan_stays_doubted_however_often_it_comes(record: InMemoryRecord) -> None:
    size = LastSize(record)
    await size.doubts(10)

    assert [bool(await size.doubts(4)) for _ in range(3)] == [True] * 3


async def test_an_operators_word_makes_it_the_last_one(record: InMemoryRecord) -> None:
    size = LastSize(record)
    await size.doubts(10)

    await size.believe(2)

    assert await size.doubts(1) is None


async def test_the_same_size_again_is_read_and_not_written(record: InMemoryRecord) -> None:
    size = LastSize(record)
    await size.doubts(10)
    record.calls.clear()

    await size.doubts(10)

    assert record.calls == ["read"]


@pytest.mark.parametrize("damaged", ["", "-5", "nonsense", "\N{SUPERSCRIPT TWO}"])
async def test_a_damaged_record_is_mended_by_the_next_scan(record: InMemoryRecord, damaged: str) -> None:
    await record.write(damaged, over=None)

    assert await LastSize(record).doubts(3) is None
    assert await last(record) == "3"


async def test_a_record_out_of_reach_believes_nothing(record: InMemoryRecord) -> None:
    record.broken = True

    with pytest.raises(JournalUnavailable):
        await LastSize(record).doubts(3)


async def test_a_record_that_others_keep_changing_is_given_up() -> None:
    class Restless(InMemoryRecord):
        async def write(self, text: str, *, over: str | None) -> str | None:
            self.calls.append("write")
            return None

    record = Restless()

    with pytest.raises(JournalUnavailable, match="quicker"):
        await LastSize(record).believe(3)
    assert record.calls.count("write") == 5
