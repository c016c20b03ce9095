"""Keeps one message locked while its function runs.

Knows when to renew, as .NET's processor does (ReceiverManager.RenewMessageLockAsync): half the remaining time before the end,
or ten seconds if that is less. Knows no SDK.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from devhost import errors
from devhost.clock import Clock

_MOST_BEFORE_END = dt.timedelta(seconds=10)
_LEAST_DELAY = dt.timedelta(milliseconds=50)

_log = logging.getLogger(__name__)


def renewal_delay(remaining: dt.timedelta) -> dt.timedelta:
    """How long to wait before renewing a lock that lasts so long."""
    return max(remaining - min(remaining / 2, _MOST_BEFORE_END), _LEAST_DELAY)


async def keep_locked(
    renew: Callable[[], Awaitable[dt.datetime]],
    *,
    locked_until: dt.datetime,
    longest: dt.timedelta | None,
    done: asyncio.Event,
    clock: Clock,
    message: str,
) -> None:
    """Renew until `done` is set, the lock is lost, or `longest` (None: no limit) has passed.

    `renew` returns the lock's new end; it may raise LockLost or LinkLost. `message` names the message in logs. A renewal that is
    under way is not cut off: the link would not survive it.
    """
    started = clock.now()
    while True:
        now = clock.now()
        delay = renewal_delay(locked_until - now)
        if longest is not None and now + delay - started > longest:
            return
        if await clock.wait(done, delay.total_seconds()):
            return
        try:
            locked_until = await renew()
        except errors.LockLost as error:  # the application may have settled it, and is about to return
            _log.info("renewal.lock_lost", extra={"message_id": message, "error": str(error)})
            return
        except errors.LinkLost as error:
            _log.warning("renewal.failed", extra={"message_id": message, "error": str(error)})
            if clock.now() >= locked_until:
                return
