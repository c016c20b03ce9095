"""Leave to write to Graph: the port WritePermits, over the budget that all processes share.

Knows the gate and the waiting. Who gets what is in budget, how processes agree on it in agreement, what was reserved in pool,
and when they come back who find no place in turns.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from shared import ports
from shared.graph import budget
from shared.graph.agreement import SharedBudget
from shared.graph.budget import Budget, Grant, Refused
from shared.graph.pool import Pool
from shared.graph.turns import Turns
from shared.messaging.slot import Slot
from shared.ports import Booking, Clock, Permit

LAPSES_AFTER: Final = timedelta(seconds=4)
"""A slot that its message comes to later than this is reserved anew."""
ARRIVES_BEFORE: Final = timedelta(seconds=1)
"""How long before its slot a message comes back: time to be delivered and read."""
_LINGER_SECONDS: Final = 0.1
"""How long a reservation that will be far away waits for others to join."""

_log: Final = logging.getLogger(__name__)


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
        self._clock = clock
        self._max_wait = max_wait
        self._sleep = sleep
        self._shared = SharedBudget(record, clock=clock, sleep=sleep, jitter=jitter)
        self._pool = Pool()
        self._turns = Turns(max_wait=max_wait, jitter=jitter)
        self._turn = asyncio.Lock()
        self._asking = 0

    @property
    def closed_until(self) -> datetime:
        """When the gate opens, or a time that has passed."""
        return self._shared.known.closed_until

    async def open(self, booking: Booking, *, writes: bool) -> None:
        """Return when Graph may be asked; raises NoPermitYet if that is further away than anybody waits.

        Another process may have closed the gate: this is where one that takes no permits, and only reads, hears of it.
        """
        await self._shared.look()
        if self.closed_until <= self._clock.now() + self._max_wait:
            await self._until(self.closed_until)
        elif writes:
            raise self._come_back(await self._next())
        else:
            raise ports.NoPermitYet(self.closed_until, None)

    async def take(self, booking: Booking) -> Permit:
        """Wait for leave to send one write; raises NoPermitYet if that is further away than `max_wait`."""
        if (booked := await self._booked(booking)) is not None:
            return booked
        patience_ends = self._clock.now() + self._max_wait
        while True:
            permit = await self._next()
            if permit.at > patience_ends:
                raise self._come_back(permit)
            await self._until(permit.at)
            if self.valid(permit):
                return permit

    def valid(self, permit: Permit) -> bool:
        """Whether it may still be used: nothing was throttled, and the gate not closed, since it was given."""
        return permit.epoch == self._shared.known.epoch and self.closed_until <= self._clock.now()

    def give_back(self, permit: Permit) -> None:
        """It was not needed: whoever asks in the next moment may have it."""
        self._pool.give_back(permit.at, epoch=permit.epoch)

    async def throttled(self, wait: timedelta | None, *, sent_at: datetime, refused: Refused) -> None:
        """Graph asked everybody to wait: close the gate here at once, and then for the other processes."""
        now, before = self._clock.now(), self._shared.known.epoch
        await self._shared.announce(lambda known: budget.throttled(known, now, wait, sent_at=sent_at, refused=refused))
        if self._shared.known.epoch != before:
            _log.warning("graph.throttled level=%.2f", self._shared.known.level)

    async def _booked(self, booking: Booking) -> Permit | None:
        slot = booking.slot
        if slot is None or booking.left < 1 or self._clock.now() > slot.at + LAPSES_AFTER:
            return None
        booking.left -= 1
        await self._shared.look()
        if slot.at > self._clock.now() + self._max_wait:
            return None
        permit = Permit(slot.at, slot.epoch)
        await self._until(slot.at)
        return permit if self.valid(permit) else None

    async def _until(self, moment: datetime) -> None:
        # Again, if need be: what sleeps goes by another clock, and the two need not agree to the millisecond.
        while (wait := (moment - self._clock.now()).total_seconds()) > 0:
            await self._sleep(wait)

    @staticmethod
    def _come_back(permit: Permit) -> ports.NoPermitYet:
        return ports.NoPermitYet(permit.at - ARRIVES_BEFORE, Slot(permit.at, 1, permit.epoch))

    async def _next(self) -> Permit:
        """One write of the pool, which is filled when it is empty, by one caller for all who ask."""
        self._asking += 1
        try:
            async with self._turn:
                at = self._pool.take(self._shared.known, self._clock.now())
                return await self._reserved() if at is None else Permit(at, self._pool.epoch)
        finally:
            self._asking -= 1

    async def _reserved(self) -> Permit:
        await self._refuse_what_is_far()
        far = self._place() > self._clock.now() + self._max_wait
        # By then whoever was woken together with this caller has asked too; and who will be put off is in no hurry.
        await self._sleep(_LINGER_SECONDS if far else 0)
        (first, *others), epoch = await self._shared.agree(self._reserve)
        self._pool.fill([replace(first, writes=first.writes - 1), *others], epoch=epoch)
        return Permit(first.at, epoch)

    def _reserve(self, known: Budget, ceiling: float) -> tuple[Budget, tuple[Sequence[Grant], int]]:
        now = self._clock.now()
        until = self._turns.horizon(known, now)
        changed, grants = budget.reserve_for_all(known, self._asking, now, until=until, ceiling=ceiling)
        return changed, (grants, changed.epoch)

    async def _refuse_what_is_far(self) -> None:
        """Raises NoPermitYet, and reserves nothing, for what lies beyond the horizon."""
        if self._lies_far():
            await self._shared.look()
            if self._lies_far():
                raise ports.NoPermitYet(self._turns.next(self._shared.known, self._clock.now()), None)

    def _lies_far(self) -> bool:
        return self._place() > self._turns.horizon(self._shared.known, self._clock.now())

    def _place(self) -> datetime:
        """When the next write has its place, as far as is known here."""
        return budget.reserve(self._shared.known, 1, self._clock.now())[1].at
