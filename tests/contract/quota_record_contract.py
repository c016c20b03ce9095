"""What every record of the shared quota promises; each implementation inherits these cases."""

import asyncio

from shared import ports


class QuotaRecordContract:
    """`record` is a fixture of the subclass: a record that nobody has written yet."""

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

    async def test_of_many_who_write_over_the_same_version_one_wins(self, record: ports.SharedRecord) -> None:
        version = await record.write("", over=None)

        written = await asyncio.gather(*(record.write(f"{number}", over=version) for number in range(20)))

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
