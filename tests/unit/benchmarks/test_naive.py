"""The baseline does what it is said to do: no less, or ours would look better than it is."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from benchmarks import naive
from benchmarks.naive import Record


class Devices:
    """Two pages of a leaver's and a colleague's devices; every request is noted, and the first few may fail."""

    def __init__(self, *, failures: int = 0) -> None:
        self.users = {"d1": "leaver", "d2": "colleague", "d3": "leaver"}
        self.asked: list[str] = []
        self._failures = failures

    async def pages(self) -> AsyncIterator[Sequence[Record]]:
        for ids in (["d1", "d2"], ["d3"]):
            self._ask("page")
            yield [Record(each, self.users[each]) for each in ids]

    async def get(self, device: str) -> Record:
        self._ask(f"get {device}")
        return Record(device, self.users[device])

    async def unassign(self, device: str) -> None:
        self._ask(f"unassign {device}")
        self.users[device] = ""

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self._failures:
            self._failures -= 1
            raise ConnectionError


async def test_a_leaver_costs_a_whole_list_and_a_read_and_a_write_for_each_device() -> None:
    devices = Devices()

    ended = await naive.serve([partial(naive.offboard, "leaver", devices)])

    assert devices.asked == ["page", "get d1", "unassign d1", "page", "get d3", "unassign d3"]
    assert (ended.completed, ended.deliveries) == (1, 1)


async def test_a_retired_device_costs_a_read_and_a_write() -> None:
    devices = Devices()

    await naive.serve([partial(naive.retire, "d2", devices)])

    assert devices.asked == ["get d2", "unassign d2"]


async def test_a_failure_is_delivered_again_until_the_queue_gives_it_up() -> None:
    again = await naive.serve([partial(naive.retire, "d1", Devices(failures=9))])
    given_up = await naive.serve([partial(naive.retire, "d1", Devices(failures=10))])

    assert (again.completed, again.dead_lettered, again.deliveries) == (1, 0, 10)
    assert (given_up.completed, given_up.dead_lettered, given_up.deliveries) == (0, 1, 10)
    assert given_up.errors == ["ConnectionError"] * 10
