"""Service Bus as one life of a process reaches it: the real settler and publisher, above handlers that go through the injector.

Stands for the SDK's client. A try that fails is made once more by our link, on a new handler; a call that is not answered is cut
off by our deadline. To be held, so that the lock has expired when it is answered, its process must stand still: see Watched.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage
from azure.servicebus.exceptions import MessageLockLostError, ServiceBusConnectionError

from emulators.servicebus.errors import LockLost
from emulators.servicebus.queue import MessageQueue
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.ports import SettlementFailed
from shared.servicebus.connection import Connection, Limits
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler
from tests import builders
from tests.proof.injector import Life
from tests.proof.ledger import DELIVERY
from tests.proof.outside import Outside


class Watched:
    """ports.Settler and ports.OutcomePublisher. Where the process was to stand still, it does so after the call."""

    def __init__(self, outside: Outside, life: Life) -> None:
        connection = Connection(lambda _: (_Client(outside, life), None), Limits())  # type: ignore[arg-type, return-value]
        self._settler = ServiceBusSettler(connection)
        self._outcomes = ServiceBusOutcomes(connection, "unassignment-outcomes")
        self._life = life

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        with self._noted():
            await self._settler.settle(message, settlement)
        await self._life.stand_still()

    async def schedule(self, copy: ScheduledCopy) -> None:
        with self._noted():
            await self._settler.schedule(copy)
        await self._life.stand_still()

    async def publish(self, publication: Publication) -> None:
        await self._outcomes.publish(publication)
        await self._life.stand_still()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """What fails for a try that failed or takes long, be it another's that it waited for, hinders the delivery."""
        try:
            yield
        except SettlementFailed:
            DELIVERY.get().hindered = self._life.hindered or self._life.trying > 0
            raise


class _Client:
    """What our links need of ServiceBusClient. Opening is no call of its own: one that fails is a call that had no effect."""

    def __init__(self, outside: Outside, life: Life) -> None:
        self._given = outside, life

    def get_queue_receiver(self, queue: str) -> "_Receiver":
        return _Receiver(*self._given, queue)

    def get_queue_sender(self, queue: str) -> "_Sender":
        return _Sender(*self._given, queue)

    def get_topic_sender(self, topic: str) -> "_Sender":
        return _Sender(*self._given, topic)


class _Handler:
    def __init__(self, outside: Outside, life: Life, entity: str) -> None:
        self._outside = outside
        self._life = life
        self._entity = entity

    async def __aenter__(self) -> Self:
        return self

    async def close(self) -> None:
        """There is nothing to close."""

    async def _call(self, name: str, effect: Callable[[], None]) -> None:
        self._life.trying += 1
        try:
            await self._outside.injector.call(self._life, name, effect, _closed)
        except BaseException:  # cut off, too
            self._life.hindered = True
            raise
        finally:
            self._life.trying -= 1


class _Receiver(_Handler):
    """What settles; it receives nothing."""

    async def complete_message(self, message: ServiceBusReceivedMessage) -> None:
        await self._settle("complete", lambda queue: queue.complete(_token(message)))

    async def abandon_message(self, message: ServiceBusReceivedMessage) -> None:
        self._outside.invariants.abandoning()
        await self._settle("abandon", lambda queue: queue.abandon(_token(message)))

    async def dead_letter_message(
        self, message: ServiceBusReceivedMessage, *, reason: str, error_description: str
    ) -> None:
        await self._settle("deadletter", lambda queue: queue.dead_letter(_token(message), reason, error_description))

    async def _settle(self, name: str, act: Callable[[MessageQueue], None]) -> None:
        def effect() -> None:
            try:
                act(self._outside.bus.queue(self._entity))
            except LockLost as error:
                raise MessageLockLostError from error

        await self._call(f"settle.{name}", effect)


class _Sender(_Handler):
    """What schedules on a queue, and publishes to the topic."""

    async def schedule_messages(self, message: ServiceBusMessage, at: datetime) -> None:
        first = self._entity == builders.VERIFICATION and "copy" not in _properties(message)
        name = "schedule.verification" if first else "schedule.copy"
        await self._call(name, lambda: self._outside.bus.schedule(self._entity, message, _properties(message), at))

    async def send_messages(self, message: ServiceBusMessage) -> None:
        await self._call("publish", lambda: self._outside.bus.publish(str(message.message_id), b"".join(message.body)))


def _properties(message: ServiceBusMessage) -> dict[str, Any]:
    return {str(name): value for name, value in (message.application_properties or {}).items()}


def _token(message: ServiceBusReceivedMessage) -> Any:
    return message.lock_token


def _closed() -> Exception:
    return ServiceBusConnectionError()
