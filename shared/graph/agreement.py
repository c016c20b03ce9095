"""The budget that all processes share, as this one last saw it, and how they agree on a change. Knows the record and its races.

A change is one conditional write on what was last seen, after a read where others are known to write too. While the record is
out of reach, a process goes on alone, with a cautious share.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from shared import ports
from shared.domain.errors import JournalUnavailable
from shared.graph import budget_text
from shared.graph.budget import Budget
from shared.ports import Clock

CAUTIOUS_SHARE: Final = 0.25
_LOOK_EVERY: Final = timedelta(seconds=6)
_LOOK_AT_LEAST_EVERY: Final = timedelta(seconds=12)
_TRY_AGAIN_AFTER: Final = timedelta(seconds=5)
_PATIENCE: Final = timedelta(seconds=5)
"""How long a change is tried for; whoever waits for it holds a lock. One last try may take as long as the record's deadline."""
_TRIES: Final = 20
_STEP_ASIDE_SECONDS: Final = 0.1
"""How much longer, at most, each lost race makes one wait before the next: a few reads and writes of others."""
_KEPT: Final = 10
"""How many announcements are kept while the record is out of reach; the latest ones count."""
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)

_log: Final = logging.getLogger(__name__)

type Change[T] = Callable[[Budget, float], tuple[Budget, T]]
"""From a budget, and the ceiling of the level, to the changed one and what came of it. Pure; it may be tried several times."""


class SharedBudget:
    """`known` is what this process knows of the budget. `jitter` draws from [0, 1)."""

    def __init__(
        self,
        record: ports.SharedRecord,
        *,
        clock: Clock,
        sleep: Callable[[float], Awaitable[None]],
        jitter: Callable[[], float],
    ) -> None:
        self.known = Budget()
        self._record = record
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._version: str | None = None
        self._seen_at = _NEVER
        self._look_every = _LOOK_EVERY
        self._others_write = True
        self._avoid_until = _NEVER
        self._alone = False
        self._unwritten: deque[Callable[[Budget], Budget]] = deque(maxlen=_KEPT)
        self._turn = asyncio.Lock()

    async def agree[T](self, change: Change[T]) -> T:
        """Make a change to the shared budget, or to our own while the record is out of reach."""
        async with self._turn:
            if self._clock.now() >= self._avoid_until:
                try:
                    return await self._shared(change)
                except JournalUnavailable:
                    self._avoid_until = self._clock.now() + _TRY_AGAIN_AFTER
            self._now_alone(alone=True)
            self.known, result = change(self.known, CAUTIOUS_SHARE)
            return result

    async def announce(self, change: Callable[[Budget], Budget]) -> None:
        """Make a change here at once, and then for the others; it is kept until it is written."""
        self.known = change(self.known)
        self._unwritten.append(change)
        await self.agree(lambda known, _: (known, None))

    async def look(self) -> None:
        """See what the others have done, unless that was seen a moment ago or is out of reach."""
        async with self._turn:
            now = self._clock.now()
            if now < self._avoid_until or now - self._seen_at < self._look_every:
                return
            try:
                await self._read()
            except JournalUnavailable:
                self._avoid_until = self._clock.now() + _TRY_AGAIN_AFTER
                return
            if not self._others_write:  # who finds that nobody else writes looks less and less often
                self._look_every = min(self._look_every * 2, _LOOK_AT_LEAST_EVERY)

    async def _shared[T](self, change: Change[T]) -> T:
        """Read if need be, and write; if somebody else was quicker, again, soon not all at once."""
        give_up = self._clock.now() + _PATIENCE
        for tried in range(_TRIES):
            if self._clock.now() >= give_up:
                break
            if self._others_write:
                await self._read()
            changed, result = change(self.known, 1.0)
            if await self._written(changed):
                self._now_alone(alone=False)
                return result
            self._others_wrote()
            await self._sleep((tried + 1) * _STEP_ASIDE_SECONDS * self._jitter())
        raise JournalUnavailable("quota: others were quicker each time")

    async def _written(self, changed: Budget) -> bool:
        holds = list(self._unwritten)
        version = await self._record.write(budget_text.write(changed), over=self._version)
        if version is None:
            return False
        self._unwritten = deque((each for each in self._unwritten if each not in holds), _KEPT)
        self._saw(changed, version)
        return True

    async def _read(self) -> None:
        state = await self._record.read()
        self._others_write = False
        if state is not None and state.version != self._version:
            self._others_wrote()
        if state is None:  # it was removed, or never made: what we know becomes the new one
            self._saw(self.known, None)
        else:
            self._saw(budget_text.read(state.text), state.version)

    def _saw(self, known: Budget, version: str | None) -> None:
        for change in self._unwritten:
            known = change(known)
        self.known, self._version, self._seen_at = known, version, self._clock.now()

    def _others_wrote(self) -> None:
        self._others_write, self._look_every = True, _LOOK_EVERY

    def _now_alone(self, *, alone: bool) -> None:
        if alone != self._alone:
            self._alone = alone
            _log.warning("quota.record_%s", "out_of_reach" if alone else "back")
