"""Many hostile inputs, one after the other: how they ended, which took longest, which broke a claim. Each is named by its seed."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from tests import quiet
from tests.fuzz import delivering, handling, kept, mutating
from tests.fuzz.asking import Asking
from tests.fuzz.lying import LyingGraph

CORPUS: Final = {"messages": "messages", "answers": "answers", "deliveries": "answers"}
"""The inputs of each kind of campaign."""


class Result(Protocol):
    """How one input ended, and the processor time that it took."""

    @property
    def end(self) -> str: ...
    @property
    def seconds(self) -> float: ...


@dataclass(slots=True)
class Report:
    """`slowest` is the seed of the input that took `seconds`; `broken` has a line for each that broke a claim."""

    ends: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    slowest: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there were."""
        return self.ends.total() + len(self.broken)


async def messages(seeds: Sequence[int]) -> Report:
    """Hostile messages through the processor."""
    return await _all("messages", seeds, handling.handle)


async def answers(seeds: Sequence[int]) -> Report:
    """Hostile answers of Graph's, over a socket, to the real adapters; each question in turn meets each kind of answer."""
    async with LyingGraph() as graph, Asking(graph) as asking:
        return await _all("answers", seeds, asking.ask)


async def deliveries(seeds: Sequence[int]) -> Report:
    """The same answers, each before a whole message."""
    async with LyingGraph() as graph, Asking(graph) as asking:
        return await _all("deliveries", seeds, partial(delivering.deliver, asking))


async def _all(name: str, seeds: Sequence[int], play: Callable[[bytes], Awaitable[Result]]) -> Report:
    """Meanwhile every log line is looked at: one with a name in it breaks a claim too."""
    corpus, report = kept.corpus(CORPUS[name]), Report()
    with quiet.looked_at() as watch:
        for seed in seeds:
            await _one(report, f"{name} {seed}", seed, play, mutating.variant(corpus, seed))
            report.broken += [f"{name} {seed}: personal things were logged: {each}" for each in watch.take(None)]
    return report


async def _one(report: Report, label: str, seed: int, play: Callable[[bytes], Awaitable[Result]], data: bytes) -> None:
    try:
        result = await play(data)
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        report.broken.append(f"{label}: {type(error).__name__}: {error}")
        return
    report.ends[result.end] += 1
    if result.seconds > report.seconds:
        report.seconds, report.slowest = result.seconds, seed
