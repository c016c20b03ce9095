"""How many devices may be unassigned in an hour, counted over all processes in one shared record, before anything is done.

Knows the record and the hour; nothing of devices. While the record is out of reach nobody gets anything: JournalUnavailable,
which waits.
"""

import asyncio
import json
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from shared import ports
from shared.domain.errors import BlastRadiusExceeded, JournalUnavailable

_log: Final = logging.getLogger(__name__)

_HOUR: Final = timedelta(hours=1)
_TRIES: Final = 20
_TRY_AGAIN_AFTER: Final = timedelta(seconds=5)
_STEP_ASIDE_SECONDS: Final = 0.03
"""How much longer, at most, each lost race makes one wait before the next."""


class BlastRadius:
    """The count of one hour, sliding by the minute; at most `limit` devices in it. `jitter` draws from [0, 1)."""

    def __init__(
        self,
        record: ports.SharedRecord,
        *,
        clock: ports.Clock,
        limit: int,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._record = record
        self._clock = clock
        self._limit = limit
        self._sleep = sleep
        self._jitter = jitter
        self._known: ports.RecordState | None = None
        self._avoid_until = datetime.min.replace(tzinfo=UTC)
        self._turn = asyncio.Lock()

    async def reserve(self, devices: int, *, released: bool = False) -> int:
        """Count devices, all or none; the minute under which they are. `released`: an operator did, so none are too many.

        Raises BlastRadiusExceeded and JournalUnavailable.
        """
        return await self._turned(devices, released=released)

    async def give_back(self, devices: int, *, minute: int) -> None:
        """Some were counted under this minute that were not unassigned after all. Raises JournalUnavailable."""
        await self._turned(-devices, released=True, minute=minute)

    async def _turned(self, devices: int, *, released: bool, minute: int | None = None) -> int:
        """One change after the other. Who comes soon after the record was out of reach need not find that out by waiting."""
        async with self._turn:
            if self._clock.now() < self._avoid_until:
                raise JournalUnavailable("blast radius: the shared record was out of reach a moment ago")
            try:
                return await self._change(devices, released=released, minute=minute)
            except JournalUnavailable:
                self._avoid_until = self._clock.now() + _TRY_AGAIN_AFTER
                raise

    async def _change(self, devices: int, *, released: bool, minute: int | None = None) -> int:
        """Write what was last seen, changed; read only after somebody else was quicker, and before anything is refused."""
        for tried in range(_TRIES):
            now = _minute(self._clock.now())
            counted = _of_the_last_hour(self._known, now)
            if not released and counted.total() + devices > self._limit:
                if not await self._read():
                    raise BlastRadiusExceeded(
                        f"{counted.total()} devices were counted in the last hour; BLAST_RADIUS_PER_HOUR is {self._limit}"
                    )
                continue
            counted_under = now if minute is None else minute
            if await self._written(_text(_counting(counted, devices, counted_under))):
                return counted_under
            await self._sleep(tried * _STEP_ASIDE_SECONDS * self._jitter())
            await self._read()
        raise JournalUnavailable("blast radius: others were quicker each time")

    async def _written(self, text: str) -> bool:
        version = await self._record.write(text, over=None if self._known is None else self._known.version)
        if version is None:
            return False
        self._known = ports.RecordState(text, version)
        return True

    async def _read(self) -> bool:
        """See the record; whether it is another than was known."""
        seen, self._known = self._known, await self._record.read()
        return self._known != seen


class Allowance:
    """What one attempt of an event may count: `expected` devices in one go, when the first of them is about to be changed."""

    def __init__(self, radius: BlastRadius, *, expected: int, released: bool) -> None:
        self._radius = radius
        self._expected = expected
        self._released = released
        self._left = 0
        self._minute = 0
        self._refused: BlastRadiusExceeded | None = None
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Leave to change one device. Raises BlastRadiusExceeded, for one and all, and JournalUnavailable."""
        async with self._turn:
            if self._refused is not None:
                raise self._refused
            if self._left == 0:
                await self._reserve(max(1, self._expected))
            self._left -= 1

    async def give_back_unused(self) -> None:
        """The attempt is over. What can't be given back stays counted for an hour, and hinders nobody's work that is done."""
        async with self._turn:
            unused, self._left = self._left, 0
            if not unused:
                return
            try:
                await self._radius.give_back(unused, minute=self._minute)
            except JournalUnavailable as error:
                _log.warning("blast_radius.not_given_back devices=%d text=%s", unused, error)

    async def _reserve(self, devices: int) -> None:
        try:
            self._minute = await self._radius.reserve(devices, released=self._released)
        except BlastRadiusExceeded as refused:
            self._refused = refused
            raise
        self._expected, self._left = 0, devices


def in_the_last_hour(state: ports.RecordState | None, now: datetime) -> int:
    """The devices that the record counts at this moment. Raises JournalUnavailable for a damaged one."""
    return _of_the_last_hour(state, _minute(now)).total()


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def _of_the_last_hour(state: ports.RecordState | None, now: int) -> Counter[int]:
    if state is None:
        return Counter()
    try:
        counted = {int(minute): int(number) for minute, number in json.loads(state.text).items()}
        damaged = min(counted.values(), default=0) < 0
    except (ValueError, TypeError, AttributeError):
        damaged = True
    if damaged:  # taken for none, it would let everything through
        raise JournalUnavailable("blast radius: the shared record is damaged: remove it") from None
    since = now - _HOUR // timedelta(
        minutes=1
    )  # that minute too: what was counted at its end was so less than an hour ago
    return Counter({minute: number for minute, number in counted.items() if minute >= since})


def _counting(counted: Mapping[int, int], devices: int, minute: int) -> Counter[int]:
    """The counts with some more, or fewer, under a minute; those that were forgotten with their hour can't be taken back."""
    changed = Counter(counted)
    changed[minute] = max(0, changed[minute] + devices)
    return +changed


def _text(counted: Counter[int]) -> str:
    return json.dumps({str(minute): number for minute, number in sorted(counted.items())}, separators=(",", ":"))
