"""The namespace: finds entities by path, copies a topic's messages to its subscriptions, sweeps them all.

Pure state on an injected clock. Not thread-safe: its host holds one lock around every use.
"""

import dataclasses
import itertools
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from emulators.clock import Clock
from emulators.servicebus import config, errors, views
from emulators.servicebus.inbox import Inbox
from emulators.servicebus.message import Content, Message, State
from emulators.servicebus.queue import DEAD_LETTER_SUFFIX, MessageQueue
from emulators.servicebus.trace import Trace


class Broker:
    """All entities of one namespace. Paths are compared without regard to case, as the service does."""

    def __init__(self, namespace: config.Namespace, *, clock: Clock, trace: Trace) -> None:
        self._clock = clock
        self._trace = trace
        self._inboxes: dict[str, Inbox] = {}
        self._queues: dict[str, MessageQueue] = {}
        for queue in namespace.queues:
            self._add_queue(queue)
        for topic in namespace.topics:
            self._add_topic(topic)

    def inbox(self, path: str) -> Inbox:
        """The sending side of a queue or topic. Raises EntityNotFound, or NotAllowed for what only receives."""
        if path.lower() in self._inboxes:
            return self._inboxes[path.lower()]
        receiver = self.queue(path)
        raise errors.NotAllowed(f"{receiver.path}: messages can't be sent there")

    def queue(self, path: str) -> MessageQueue:
        """The receiving side of a queue, a subscription or a dead-letter subqueue. Raises EntityNotFound, NotAllowed."""
        key = path.lower()
        base = key.removesuffix(DEAD_LETTER_SUFFIX.lower())
        found = self._queues.get(base)
        if found is not None and base != key:
            found = found.dead_letters
        if found is None and key in self._inboxes:
            raise errors.NotAllowed(f"{path}: a topic is received from by its subscriptions")
        if found is None:
            raise errors.EntityNotFound(f"The messaging entity '{path}' could not be found.")
        return found

    def find(self, path: str) -> str:
        """The path as configured. Raises EntityNotFound."""
        inbox = self._inboxes.get(path.lower())
        return self.queue(path).path if inbox is None else inbox.path

    def peek(self, path: str, from_sequence_number: int, count: int) -> list[Message]:
        """Up to `count` messages in any state, the scheduled among them, from a sequence number on. Raises EntityNotFound."""
        self.sweep()
        found = self.queue(path).peek(from_sequence_number, count)
        if path.lower() in self._inboxes:
            found += self._inboxes[path.lower()].scheduled_from(from_sequence_number, count)
        return sorted(found, key=lambda message: message.sequence_number)[:count]

    def sweep(self) -> None:
        """Do everything that has become due."""
        for inbox in self._inboxes.values():
            inbox.sweep()
        for queue in self._queues.values():
            queue.sweep()

    @property
    def next_due(self) -> datetime | None:
        """When something may become due."""
        dues = [inbox.next_due for inbox in self._inboxes.values()]
        dues += [queue.next_due for queue in self._queues.values()]
        return min((due for due in dues if due is not None), default=None)

    def snapshot(self, path: str) -> views.EntityView:
        """A copy of all that one entity holds. Raises EntityNotFound."""
        self.sweep()
        inbox = self._inboxes.get(path.lower())
        queue = self.queue(path) if path.lower() in self._queues or inbox is None else None
        counters = Counter[str]()
        if inbox is not None:
            counters.update(inbox.counts)
        view = views.EntityView(path=self.find(path), counters=counters)
        if inbox is not None:
            scheduled = views.by_state(inbox.scheduled.values())[State.SCHEDULED]
            view = dataclasses.replace(view, scheduled=scheduled)
        if queue is None:
            return view
        counters.update(queue.counts)
        held = views.by_state(queue.messages())
        buried = () if queue.dead_letters is None else queue.dead_letters.messages()
        return dataclasses.replace(
            view,
            active=held[State.ACTIVE],
            locked=held[State.LOCKED],
            deferred=held[State.DEFERRED],
            dead_lettered=tuple(views.MessageView.of(message) for message in buried),
        )

    def _add_queue(self, entry: config.Queue) -> None:
        queue = MessageQueue(entry.name, entry.rules, clock=self._clock, trace=self._trace)
        self._queues[entry.name.lower()] = queue
        self._inboxes[entry.name.lower()] = Inbox(
            entry.name,
            clock=self._clock,
            trace=self._trace,
            numbers=queue.numbers,
            deliver=queue.put,
            duplicate_window=entry.duplicate_window,
        )

    def _add_topic(self, topic: config.Topic) -> None:
        subscriptions = []
        for entry in topic.subscriptions:
            path = f"{topic.name}/Subscriptions/{entry.name}"
            queue = MessageQueue(path, entry.rules, clock=self._clock, trace=self._trace)
            self._queues[path.lower()] = queue
            subscriptions.append((entry, queue))
        self._inboxes[topic.name.lower()] = Inbox(
            topic.name,
            clock=self._clock,
            trace=self._trace,
            numbers=itertools.count(1),
            deliver=_fan_out(topic, subscriptions),
            duplicate_window=topic.duplicate_window,
        )


def _fan_out(
    topic: config.Topic, subscriptions: list[tuple[config.Subscription, MessageQueue]]
) -> Callable[[Content, datetime], None]:
    """Give each subscription whose filters let it through a copy, with a life no longer than the topic allows."""

    def deliver(content: Content, when: datetime) -> None:
        lives = [life for life in (content.time_to_live, topic.time_to_live) if life is not None]
        limited = dataclasses.replace(content, time_to_live=min(lives, default=None))
        for entry, queue in subscriptions:
            if any(each.matches(content) for each in entry.filters):
                queue.put(limited, when)

    return deliver
