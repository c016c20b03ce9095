"""The heartbeat: that the functions run, and how long the oldest message of each queue has lain there.

Knows what to look at and what to record; nothing of how a queue is looked into. What can't be seen is logged and left out.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared import ports, telemetry

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Call it every few minutes; `queues` are the names of those to look into."""

    backlog: ports.Backlog
    clock: ports.Clock
    queues: Sequence[str]

    async def __call__(self) -> None:
        """One beat, and one look into each queue."""
        telemetry.beat()
        for queue in self.queues:
            try:
                since = await self.backlog.oldest_active(queue)
            except ports.BacklogUnreadable as error:
                _log.warning("heartbeat.queue_unreadable queue=%s text=%s", queue, error)
            else:
                telemetry.oldest_active(queue, timedelta(0) if since is None else self.clock.now() - since)
