"""The queues and the topic: the emulated broker's state machine, called directly. Knows nothing of Graph and no invariant."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from azure.servicebus import ServiceBusMessage

from emulators.servicebus import config
from emulators.servicebus.broker import Broker
from emulators.servicebus.inbox import Inbox
from emulators.servicebus.message import Content, Message
from emulators.servicebus.queue import MessageQueue
from emulators.servicebus.trace import Trace
from shared import ports
from shared.messaging import incoming
from shared.messaging.dead_lettered import DeadLettered
from tests import builders

_NAMESPACE: Final = config.load(Path(__file__).parents[2] / "infra" / "servicebus.json")
QUEUES: Final = (builders.OFFBOARDING, builders.RETIREMENT, builders.VERIFICATION)
_FEW_DELIVERIES: Final = 5
"""Far from the count at which the broker gives up on a message: to get there is not our service's doing."""
_KEPT: Final = ("content_type", "correlation_id", "subject", "to", "reply_to", "partition_key")


@dataclass(slots=True)
class Bus:
    """The namespace of the deployment. `published` has the outcome events by message id, once each; `sent` every sending."""

    clock: ports.Clock
    published: dict[str, bytes] = field(default_factory=dict)
    sent: list[tuple[str, bytes]] = field(default_factory=list)
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

    def queue(self, name: str) -> MessageQueue:
        """The receiving side of a queue."""
        return self._queues[name]

    def lose_a_lock(self) -> None:
        """The first lock that is held ends before its time, and its message is delivered again. Never the last delivery."""
        for queue in self._queues.values():
            for message in queue.messages():
                if message.lock_token is not None and message.delivery_count < _FEW_DELIVERIES:
                    queue.abandon(message.lock_token)
                    return

    def schedule(self, queue: str, message: ServiceBusMessage, properties: dict[str, Any], at: datetime) -> None:
        """Keep a message until its time."""
        self._inboxes[queue].schedule(
            Content(
                message_id=message.message_id,
                body=b"".join(message.body),
                application_properties=properties,
                properties={name: getattr(message, name) for name in _KEPT},
                scheduled_for=at,
            )
        )

    def publish(self, message_id: str, document: bytes) -> None:
        """The topic drops what has an id that it has seen."""
        self.sent.append((message_id, document))
        self.published.setdefault(message_id, document)

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

    def remove_dead(self, queue: str, message: Message) -> None:
        """An operator receives a dead letter, and completes it."""
        letters = self._queues[queue].dead_letters
        taken = iter(lambda: None if letters is None else letters.take(), None)
        for letter in list(taken):
            if letters is not None and letter.lock_token is not None:
                (letters.complete if letter is message else letters.release)(letter.lock_token)

    @property
    def next_due(self) -> datetime | None:
        """When something may become due in a queue."""
        dues = [each.next_due for side in (self._inboxes, self._queues) for each in side.values()]
        return min((due for due in dues if due is not None), default=None)


def dead_lettered(message: Message, queue: str) -> DeadLettered:
    """A dead letter as an operator sees it."""
    return DeadLettered(
        message=incoming.read(trigger(message), queue=queue, now=message.enqueued_at),
        sequence_number=message.sequence_number,
        reason=message.dead_letter_reason or "",
        description=message.dead_letter_description or "",
    )


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
