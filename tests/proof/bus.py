"""The queues and the topic: the emulated broker's state machine, called directly. Knows nothing of Graph and no invariant."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from emulators.servicebus import config
from emulators.servicebus.broker import Broker
from emulators.servicebus.errors import LockLost
from emulators.servicebus.inbox import Inbox
from emulators.servicebus.message import Content, Message
from emulators.servicebus.queue import MessageQueue
from emulators.servicebus.trace import Trace
from shared import ports
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from tests import builders

_NAMESPACE: Final = config.load(Path(__file__).parents[2] / "infra" / "servicebus.json")
QUEUES: Final = (builders.OFFBOARDING, builders.RETIREMENT, builders.VERIFICATION)
_KEPT: Final = ("content_type", "correlation_id", "subject", "to", "reply_to", "partition_key")


@dataclass(slots=True)
class Bus:
    """The namespace of the deployment. `published` has the outcome events by message id, once each; `sent` every sending."""

    clock: ports.Clock
    published: dict[str, Publication] = field(default_factory=dict)
    sent: list[Publication] = field(default_factory=list)
    _inboxes: dict[str, Inbox] = field(init=False)
    _queues: dict[str, MessageQueue] = field(init=False)

    def __post_init__(self) -> None:
        broker = Broker(_NAMESPACE, clock=self.clock, trace=Trace())
        self._inboxes = {queue: broker.inbox(queue) for queue in QUEUES}
        self._queues = {queue: broker.queue(queue) for queue in QUEUES}

    def send(self, queue: str, message_id: str, body: bytes, properties: dict[str, Any] | None = None) -> None:
        """A sender sends a message."""
        content = Content(message_id=message_id, body=body, application_properties=properties or {})
        self._inboxes[queue].send(content)

    def take(self, queue: str) -> Message | None:
        """The next delivery from a queue, under a lock."""
        self._inboxes[queue].sweep()
        return self._queues[queue].take()

    def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """Settle by lock token. Raises SettlementFailed."""
        queue, token = self._queues[message.queue], uuid.UUID(message.lock_token)
        try:
            match settlement:
                case Complete():
                    queue.complete(token)
                case Abandon():
                    queue.abandon(token)
                case DeadLetter(reason, description):
                    queue.dead_letter(token, reason.value, description)
        except LockLost as error:
            raise ports.SettlementFailed("the lock is lost", lock_lost=True) from error

    def schedule(self, copy: ScheduledCopy) -> None:
        """Keep a copy until its time."""
        self._inboxes[copy.original.queue].schedule(
            Content(
                message_id=copy.message_id,
                body=copy.original.body,
                application_properties=dict(copy.application_properties),
                properties={name: getattr(copy.original, name) for name in _KEPT},
                scheduled_for=copy.enqueue_at,
            )
        )

    def publish(self, publication: Publication) -> None:
        """The topic drops what has an id that it has seen."""
        self.sent.append(publication)
        self.published.setdefault(publication.message_id, publication)

    def waiting(self) -> Iterator[tuple[str, Message]]:
        """What is in the queues, scheduled, active or locked, each with its queue."""
        for queue in QUEUES:
            for message in (*self._inboxes[queue].scheduled.values(), *self._queues[queue].messages()):
                yield queue, message

    def dead(self) -> Iterator[tuple[str, Message]]:
        """What was dead-lettered, each with its queue."""
        for queue in QUEUES:
            letters = self._queues[queue].dead_letters
            yield from ((queue, message) for message in (() if letters is None else letters.messages()))

    @property
    def next_due(self) -> datetime | None:
        """When something may become due in a queue."""
        dues = [each.next_due for side in (self._inboxes, self._queues) for each in side.values()]
        return min((due for due in dues if due is not None), default=None)


def trigger(message: Message) -> builders.Trigger:
    """A delivery as the host hands it over."""
    content = message.content
    return builders.Trigger(
        body=content.body,
        message_id=str(content.message_id),
        lock_token=str(message.lock_token),
        delivery_count=message.delivery_count,
        sequence_number=message.sequence_number,
        enqueued_time_utc=message.enqueued_at,
        application_properties=dict(content.application_properties),
        **{name: content.properties[name] for name in _KEPT if name in content.properties},
    )
