"""What all shared records promise; each implementation inherits these cases."""

import asyncio

import pytest

from shared import ports


class SharedRecordContract:
    """`records` is a fixture of the subclass: records that nobody has written yet."""

    @pytest.fixture
    def record(self, records: ports.SharedRecords) -> ports.SharedRecord:
        return records.record("quota")

    async def test_there_is_nothing_before_the_first_write(self, record: ports.SharedRecord) -> None:
        assert await record.read() is None

    async def test_what_was_written_is_read_with_its_version(self, record: ports.SharedRecord) -> None:
        version = await record.write("one", over=None)

        assert version is not None
        assert await record.read() == ports.RecordState("one", version)

    async def test_each_version_is_replaced_once(self, record: ports.SharedRecord) -> None:
        first = await record.write("one", over=None)

        second = await record.write("two", over=first)
        lost = await record.write("lost", over=first)

        assert second not in (None, first)
        assert lost is None
        assert await record.read() == ports.RecordState("two", str(second))

    async def test_the_record_is_made_once(self, record: ports.SharedRecord) -> None:
        await record.write("one", over=None)

        assert await record.write("two", over=None) is None

    async def test_a_version_is_replaced_by_the_same_text_too(self, record: ports.SharedRecord) -> None:
        first = await record.write("same", over=None)

        second = await record.write("same", over=first)

        assert second not in (None, first)
        assert await record.write("late", over=first) is None

    async def test_records_of_other_names_are_other_records(self, records: ports.SharedRecords) -> None:
        quota, blast_radius = records.record("quota"), records.record("blast-radius")
        version = await quota.write("one", over=None)

        assert await blast_radius.read() is None
        assert await blast_radius.write("other", over=version) is None
        assert await blast_radius.write("other", over=None) is not None
        assert await quota.read() == ports.RecordState("one", str(version))

    async def test_a_record_of_the_same_name_is_the_same_record(self, records: ports.SharedRecords) -> None:
        version = await records.record("quota").write("one", over=None)

        assert await records.record("quota").read() == ports.RecordState("one", str(version))

    @pytest.mark.parametrize("length", [0, 31_000, 33_000, 300_000])
    async def test_a_text_of_any_sensible_length_survives_and_leaves_nothing_of_the_one_before(
        self, record: ports.SharedRecord, length: int
    ) -> None:
        long = "".join(f"{number * number}," for number in range(length))[:length]
        version = await record.write("x" * 70_000, over=None)

        version = await record.write(long, over=version)

        assert await record.read() == ports.RecordState(long, str(version))

    async def test_of_many_who_write_over_the_same_version_one_wins(self, record: ports.SharedRecord) -> None:
        version = await record.write("", over=None)

        written = await asyncio.gather(*(record.write(f"{number}", over=version) for number in range(20)))

        assert len([each for each in written if each is not None]) == 1

    async def test_of_many_who_make_it_one_does(self, record: ports.SharedRecord) -> None:
        written = await asyncio.gather(*(record.write(f"{number}", over=None) for number in range(20)))

        assert len([each for each in written if each is not None]) == 1

    async def test_racing_read_and_write_loops_lose_no_step(self, record: ports.SharedRecord) -> None:
        async def add_one() -> None:
            while True:
                state = await record.read()
                text = "1" if state is None else str(int(state.text) + 1)
                if await record.write(text, over=None if state is None else state.version) is not None:
                    return

        await asyncio.gather(*(add_one() for _ in range(20)))

        state = await record.read()
        assert state is not None
        assert state.text == "20"
