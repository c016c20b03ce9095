"""What is known after a run, from the outside: what was sent, what the emulators saw, what was reported, what is on record.

Collects; judges nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cli.parts import DEVICE_RETIREMENT, OUTCOMES, OUTCOMES_SUBSCRIPTION, USER_OFFBOARDING, VERIFICATION
from emulators.graph.calls import Call
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import TraceEntry
from emulators.servicebus.views import MessageView
from shared.domain.history import Entry
from tests.chaos.load import Sending
from tests.chaos.stories import Story
from tests.chaos.tenant import Change, Post, WatchedTenant

QUEUES = (USER_OFFBOARDING, DEVICE_RETIREMENT, VERIFICATION)
"""The queues whose messages are handled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message in a dead-letter queue."""

    queue: str
    message_id: str
    reason: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An outcome event as it was sent to the topic, once for each sending."""

    message_id: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`tried_at` by message id, `entries` of the journal by event; `users` are those that the records name `before` and `after`."""

    begun: datetime
    verify_after: timedelta
    sendings: Sequence[Sending] = ()
    tried_at: Mapping[str, datetime] = field(default_factory=dict)
    trace: Sequence[TraceEntry] = ()
    waiting: Sequence[tuple[str, str]] = ()
    dead: Sequence[DeadLetter] = ()
    published: Sequence[Published] = ()
    entries: Mapping[tuple[str, str], Sequence[Entry]] = field(default_factory=dict)
    posts: Sequence[Post] = ()
    changes: Sequence[Change] = ()
    calls: Sequence[Call] = ()
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None
    died: Sequence[int] = ()
    drained: Mapping[int, int] = field(default_factory=dict)

    @property
    def stories(self) -> list[Story]:
        """Each event once."""
        return list({each.story.event_id: each.story for each in self.sendings}.values())


def waiting(service_bus: ServiceBusEmulator) -> Iterator[tuple[str, str]]:
    """What is in the queues yet: queue and message id."""
    for queue in QUEUES:
        view = service_bus.snapshot(queue)
        yield from ((queue, str(each.message_id)) for each in (*view.active, *view.locked, *view.scheduled))


def dead(service_bus: ServiceBusEmulator) -> Iterator[DeadLetter]:
    """What is in the dead-letter queues."""
    for queue in QUEUES:
        for each in service_bus.snapshot(queue).dead_lettered:
            yield DeadLetter(
                queue=queue,
                message_id=str(each.message_id),
                reason=each.dead_letter_reason or "",
                description=each.dead_letter_description or "",
            )


def published(service_bus: ServiceBusEmulator) -> list[Published]:
    """Everything that was sent to the topic, in order."""
    sent: Sequence[MessageView] = service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}").active
    return [Published(message_id=str(each.message_id), document=each.body.decode()) for each in sent]


def users(tenant: WatchedTenant) -> dict[str, str]:
    """Whom each record names."""
    return {device.id: device.user_principal_name or "" for device in tenant.devices.values()}
