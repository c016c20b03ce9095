"""Leave to write to Graph: the port WritePermits, over the budget that all processes share through one small record.

Knows the record, the gate and the waiting; who gets what is in budget. A reservation is one conditional write on what was
last seen, and a read only after somebody else was quicker. While the record is out of reach, a process takes a cautious share.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from shared import ports
from shared.domain.errors import JournalUnavailable
from shared.graph import budget, budget_text
from shared.graph.budget import Budget, Grant
from shared.messaging.slot import Slot
from shared.ports import Booking, Clock, Permit

LAPSES_AFTER: Final = timedelta(seconds=4)
"""A slot that its message comes to later than this is reserved anew."""
ARRIVES_BEFORE: Final = timedelta(seconds=1)
"""How long before its slot a message comes back: time to be delivered and read."""
HORIZON: Final = timedelta(minutes=10)
"""No slot is reserved further ahead, which keeps the record small; while throttled, none that nobody would wait for."""
LONGEST_PUT_OFF: Final = timedelta(seconds=45)
"""Who finds no place before the horizon comes back within this after it, without a slot: the pace may be another one then."""
OVERBOOKED: Final = 2
"""How many of those come back for each place that there is at the present pace, so that none stays unused as it rises."""
CAUTIOUS_SHARE: Final = 0.25
_LOOK_EVERY: Final = timedelta(seconds=2)
_LOOK_AT_LEAST_EVERY: Final = timedelta(seconds=60)
_TRY_AGAIN_AFTER: Final = timedelta(seconds=5)
_TRIES: Final = 20
_STEP_ASIDE_SECONDS: Final = 0.03
"""How much longer, at most, each lost race makes one wait before the next."""
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)

_log: Final = logging.getLogger(__name__)

type Change[T] = Callable[[Budget, float], tuple[Budget, T]]
"""From a budget, and the ceiling of the level, to the changed one and what came of it."""


@dataclass(slots=True)
class _Pool:
    """What is left of the latest reservation."""

    grant: Grant
    left: int
    epoch: int


class SharedPermits:
    """WritePermits. `max_wait` is how long anybody waits here; what lies further away is a slot to come back to.

    `jitter` draws from [0, 1).
    """

    def __init__(
        self,
        record: ports.SharedRecord,
        *,
        clock: Clock,
        max_wait: timedelta,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._jitter = jitter
        self._record = record
        self._clock = clock
        self._max_wait = max_wait
        self._sleep = sleep
        self._budget = Budget()
        self._version: str | None = None
        self._seen_at = _NEVER
        self._look_every = _LOOK_EVERY
        self._avoid_until = _NEVER
        self._alone = False
        self._pool = _Pool(Grant(_NEVER, 0), 0, 0)
        self._turn = asyncio.Lock()
        self._record_turn = asyncio.Lock()
        self._asking = 0
        self._turn_at = _NEVER

    @property
    def closed_until(self) -> datetime:
        """When the gate opens, or a time that has passed."""
        return self._budget.closed_until

    async def open(self, booking: Booking, *, writes: bool) -> None:
        """Return when Graph may be asked; raises NoPermitYet if that is further away than anybody waits."""
        wait = self.closed_until - self._clock.now()
        if wait > self._max_wait:
            await self._look()  # the gate may have been closed anew, or the slot be good
            wait = self.closed_until - self._clock.now()
        if wait <= timedelta(0):
            return
        if wait > self._max_wait:
            if writes:
                raise self._come_back(await self._next())
            raise ports.NoPermitYet(self.closed_until, None)
        await self._sleep(wait.total_seconds())

    async def take(self, booking: Booking) -> Permit:
        """Wait for leave to send one write; raises NoPermitYet if that is further away than `max_wait`."""
        if (booked := await self._booked(booking)) is not None:
            return booked
        patience_ends = self._clock.now() + self._max_wait
        while True:
            pool = await self._next()
            if pool.grant.at > patience_ends:
                raise self._come_back(pool)
            permit = Permit(pool.grant.at, pool.epoch)
            await self._until(permit.at)
            if self.valid(permit):
                return permit

    def valid(self, permit: Permit) -> bool:
        """Whether it may still be used: nothing was throttled, and the gate not closed, since it was given."""
        return permit.epoch == self._budget.epoch and self.closed_until <= self._clock.now()

    def give_back(self, permit: Permit) -> None:
        """It was not needed: whoever asks in the next moment may have it."""
        pool = self._pool
        if permit.epoch == pool.epoch and permit.at == pool.grant.at:
            pool.left += 1

    async def throttled(self, wait: timedelta | None, *, sent_at: datetime, lower: bool) -> None:
        """Graph asked everybody to wait: close the gate here at once, and then for the other processes."""
        now = self._clock.now()

        def change(known: Budget, _: float) -> tuple[Budget, None]:
            return budget.throttled(known, now, wait, sent_at=sent_at, lower=lower), None

        before = self._budget
        self._budget, _ = change(before, 1.0)
        if self._budget.epoch != before.epoch:
            _log.warning("graph.throttled level=%.2f", self._budget.level)
        await self._agree(change)

    async def _booked(self, booking: Booking) -> Permit | None:
        slot = booking.slot
        if slot is None or booking.left < 1 or self._clock.now() > slot.at + LAPSES_AFTER:
            return None
        booking.left -= 1
        await self._look()
        permit = Permit(slot.at, slot.epoch)
        if (
            slot.epoch != self._budget.epoch
            or slot.at < self.closed_until
            or slot.at - self._clock.now() > self._max_wait
        ):
            return None
        await self._until(slot.at)
        return permit if self.valid(permit) else None

    async def _until(self, moment: datetime) -> None:
        wait = (moment - self._clock.now()).total_seconds()
        if wait > 0:
            await self._sleep(wait)

    @staticmethod
    def _come_back(pool: _Pool) -> ports.NoPermitYet:
        at = pool.grant.at
        return ports.NoPermitYet(at - ARRIVES_BEFORE, Slot(at, 1, pool.epoch))

    async def _next(self) -> _Pool:
        """One write of the pool, which is filled when it is empty, by one caller for all who ask."""
        self._asking += 1
        try:
            async with self._turn:
                if not self._usable():
                    await self._refuse_what_is_far()
                    wanted = self._asking
                    grant = await self._agree(
                        lambda known, ceiling: budget.reserve(known, wanted, self._clock.now(), ceiling=ceiling)
                    )
                    self._pool = _Pool(grant, grant.writes, self._budget.epoch)
                self._pool.left -= 1
                return self._pool
        finally:
            self._asking -= 1

    async def _refuse_what_is_far(self) -> None:
        """Raises NoPermitYet, and reserves nothing, for what lies beyond the horizon, or while throttled beyond the wait."""
        if self._lies_far():
            await self._look()
            if self._lies_far():
                raise ports.NoPermitYet(self._in_turn(), None)

    def _lies_far(self) -> bool:
        return budget.reserve(self._budget, 1, self._clock.now())[1].at > self._horizon()

    def _horizon(self) -> datetime:
        now = self._clock.now()
        return max(now, self.closed_until) + (self._max_wait if budget.level(self._budget, now) < 1 else HORIZON)

    def _in_turn(self) -> datetime:
        """When to come back: one after the other, as fast as there will be room for them, and soon in any case."""
        now, soonest = self._clock.now(), self._horizon()
        per_second = budget.QUOTA / budget.SPAN.total_seconds() * budget.level(self._budget, now) * OVERBOOKED
        self._turn_at = max(self._turn_at, soonest) + timedelta(seconds=1 / per_second)
        latest = soonest + LONGEST_PUT_OFF
        return self._turn_at if self._turn_at < latest else soonest + LONGEST_PUT_OFF * self._jitter()

    def _usable(self) -> bool:
        pool, now = self._pool, self._clock.now()
        fresh = pool.grant.at >= max(now - budget.SLACK, self.closed_until)
        return pool.left > 0 and fresh and pool.epoch == self._budget.epoch

    async def _agree[T](self, change: Change[T]) -> T:
        """Make a change to the shared budget, or to our own while the record is out of reach."""
        async with self._record_turn:
            if self._clock.now() >= self._avoid_until:
                try:
                    return await self._shared(change)
                except JournalUnavailable:
                    self._avoid_until = self._clock.now() + _TRY_AGAIN_AFTER
            self._now_alone(alone=True)
            self._budget, result = change(self._budget, CAUTIOUS_SHARE)
            return result

    async def _shared[T](self, change: Change[T]) -> T:
        """Write what was last seen, changed; if somebody else was quicker, read and write again, soon not all at once."""
        for tried in range(_TRIES):
            changed, result = change(self._budget, 1.0)
            if await self._written(changed):
                self._now_alone(alone=False)
                return result
            self._look_every = _LOOK_EVERY  # somebody else writes too
            await self._sleep(tried * _STEP_ASIDE_SECONDS * self._jitter())
            await self._read()
        raise JournalUnavailable("quota: others were quicker each time")

    async def _written(self, changed: Budget) -> bool:
        version = await self._record.write(budget_text.write(changed), over=self._version)
        if version is None:
            return False
        self._budget, self._version, self._seen_at = changed, version, self._clock.now()
        return True

    async def _read(self) -> None:
        state = await self._record.read()
        if state is not None:
            self._budget, self._version = budget_text.read(state.text), state.version
        else:
            self._version = None  # it was removed: what we know becomes the new one
        self._seen_at = self._clock.now()

    async def _look(self) -> None:
        """See what the others have done, unless that was seen a moment ago or is out of reach."""
        async with self._record_turn:
            now = self._clock.now()
            if now < self._avoid_until or now - self._seen_at < self._look_every:
                return
            seen = self._version
            try:
                await self._read()
                # Who finds that nobody else writes looks less and less often.
                self._look_every = (
                    min(self._look_every * 2, _LOOK_AT_LEAST_EVERY) if seen == self._version else _LOOK_EVERY
                )
            except JournalUnavailable:
                self._avoid_until = self._clock.now() + _TRY_AGAIN_AFTER

    def _now_alone(self, *, alone: bool) -> None:
        if alone != self._alone:
            self._alone = alone
            _log.warning("quota.record_%s", "out_of_reach" if alone else "back")
