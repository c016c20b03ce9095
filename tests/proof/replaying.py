"""The operator who replays a dead letter, by the command's own steps, between two steps of the service.

Knows the queues, the journal, and the ledger, which is told what was released.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cli.dlq import understanding
from cli.dlq.planning import Wish
from cli.dlq.replaying import Replaying
from cli.dlq.results import Result
from shared.domain import events
from shared.domain.acts import ActKind
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.replays import Replay
from tests import builders
from tests.proof.outside import Outside, at_once

_TAKES: Final = {builders.OFFBOARDING: events.UserOffboarded.TYPE, builders.RETIREMENT: events.DeviceRetired.TYPE}
_MOST_REPLAYS: Final = 5


def replay(outside: Outside, letter: DeadLettered, remove: Callable[[], None], *, override: bool) -> Result:
    """Replay a dead letter, and release the guards if `override` says so. `remove` takes it off its queue."""
    wish = Wish(operator="Grace", because="asked", max_replays=_MOST_REPLAYS, override=override)
    queue = letter.message.queue
    replaying = Replaying(_Outbox(outside, queue, remove), outside.journal, outside.clock, wish)
    result = at_once(replaying.replay(understanding.understand(letter, _TAKES[queue])))
    overrides = (act for act in outside.journal.acts if act.kind is ActKind.OVERRIDE)
    outside.invariants.ledger.overrides |= {act.act_id: (act.event_id, act.run) for act in overrides}
    return result


@dataclass(frozen=True, slots=True)
class _Outbox:
    outside: Outside
    queue: str
    remove: Callable[[], None]

    async def send(self, replay: Replay) -> None:
        properties = dict(replay.application_properties)
        self.outside.bus.send(self.queue, replay.message_id, replay.body, properties)

    async def complete(self, _: DeadLettered) -> None:
        self.remove()
