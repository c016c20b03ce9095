"""Going through a queue's dead letters under their locks, until each chosen one was met. Knows no replays.

Service Bus hands messages out in its own order, never by number. What was not chosen is held back while a round lasts, or it would
be handed out again at once, and given back at its end. A round ends well before its first locks do, and another follows as long
as the last one met somebody. Whatever ends a round, nothing is lost: locks end by themselves.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from shared import ports
from shared.messaging.dead_lettered import DeadLettered

HOLD: Final = timedelta(minutes=2)
"""How long a round may last; the queues' locks last 5 minutes (infra/servicebus.json)."""


class Letters(Protocol):
    """What a round needs of a dead-letter queue; see shared.servicebus.dead_letter_queue."""

    async def receive(self) -> Sequence[DeadLettered]:
        """Some that nobody has locked, now locked; none if there are no more."""
        ...

    async def release(self, dead_letters: Sequence[DeadLettered]) -> None:
        """Give back what was locked, and take no more."""
        ...


async def go_through(
    letters: Letters,
    chosen: set[int],
    act: Callable[[DeadLettered], Awaitable[bool]],
    *,
    clock: ports.Clock,
    stopped: Callable[[], bool],
    hold: timedelta = HOLD,
) -> None:
    """Have `act` done once for each chosen sequence number, which it removes from `chosen`; what remains was not met.

    `act` tells whether the dead letter is gone; else it is given back. Raises what the queue or `act` raises.
    """
    met = True
    while chosen and met and not stopped():
        before, end = len(chosen), clock.now() + hold
        await _round(letters, chosen, act, until=partial(_over, stopped, clock, end))
        met = len(chosen) < before


def _over(stopped: Callable[[], bool], clock: ports.Clock, end: datetime) -> bool:
    return stopped() or clock.now() >= end


async def _round(
    letters: Letters, chosen: set[int], act: Callable[[DeadLettered], Awaitable[bool]], *, until: Callable[[], bool]
) -> None:
    held: dict[int, DeadLettered] = {}
    try:
        while chosen and not until() and (batch := await letters.receive()):
            held |= {each.sequence_number: each for each in batch}
            for each in batch:
                if each.sequence_number in chosen and not until():
                    chosen.discard(each.sequence_number)
                    if await act(each):
                        del held[each.sequence_number]
    finally:
        await letters.release(list(held.values()))
