"""Whether queues and topic are there, and may be received from and sent to. Nothing is sent, received or locked.

A link alone tells nothing: the SDK calls it open before a refusal has arrived. So each right is proven by a request that needs it
and does nothing: peeking (Listen), and cancelling the scheduled message of a number that none has (Send).
Source: learn.microsoft.com/azure/service-bus-messaging/service-bus-sas, "Rights required for Service Bus operations"
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from azure.servicebus import exceptions as sb

from cli.doctor import findings
from cli.doctor.findings import Finding
from shared.servicebus.connection import Connection

_CHECK: Final = "service bus"
_NO_SUCH_NUMBER: Final = 2**63 - 1
_CONDITION: Final = re.compile(r"Error condition: ([A-Za-z:.-]+)")
_REFUSED: Final = (sb.ServiceBusAuthorizationError, sb.ServiceBusAuthenticationError)
_UNREACHABLE: Final = (
    sb.ServiceBusConnectionError,
    sb.ServiceBusCommunicationError,
    sb.OperationTimeoutError,
    sb.ServiceBusServerBusyError,
    TimeoutError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A queue, or a topic, and the setting that names it."""

    setting: str
    name: str
    topic: bool = False

    @property
    def kind(self) -> str:
        """What it is."""
        return "topic" if self.topic else "queue"


@dataclass(frozen=True, slots=True)
class _Right:
    """One right at one entity, and how it is proven."""

    verb: str
    role: str
    prove: Callable[[Connection, Entity], Awaitable[None]]


async def check(connection: Connection, entities: Sequence[Entity]) -> Sequence[Finding]:
    """One line for each entity that is as it should be, and for each right that is missing elsewhere."""
    found = await asyncio.gather(*(_entity(connection, entity) for entity in entities))
    everything = [each for of_one in found for each in of_one]
    if everything and all(each.basic for each in everything):
        return [everything[0]]  # the same for all of them
    return everything


async def _entity(connection: Connection, entity: Entity) -> Sequence[Finding]:
    rights = [_SEND] if entity.topic else [_RECEIVE, _SEND]
    found = await asyncio.gather(*(_right(connection, entity, right) for right in rights))
    wrong = list({each.text: each for each in found if each is not None}.values())
    verbs = " and ".join(right.verb for right in rights)
    return wrong or [findings.ok(_CHECK, f"{entity.kind} {entity.name}: {verbs}")]


async def _right(connection: Connection, entity: Entity, right: _Right) -> Finding | None:
    named = f"{entity.kind} {entity.name}"
    try:
        async with asyncio.timeout(connection.limits.call.total_seconds()):
            await right.prove(connection, entity)
    except _REFUSED:
        mend = f"grant {right.role} on it to the identity, or a key with that right"
        return findings.fail(_CHECK, f"{named}: no right to {right.verb}", mend)
    except _UNREACHABLE as error:
        mend = "check ServiceBusConnection, the network and its firewall (AMQP, port 5671)"
        return findings.fail(_CHECK, f"the namespace cannot be reached ({type(error).__name__})", mend, basic=True)
    except (sb.ServiceBusError, ValueError) as error:
        return _absent(entity, error)
    return None


def _absent(entity: Entity, error: Exception) -> Finding:
    """Any other refusal: in most cases there is nothing by that name, or something of another kind."""
    condition = _CONDITION.search(str(error))
    what = condition[1] if condition else type(error).__name__
    text = f"{entity.kind} {entity.name} is not there, or no {entity.kind} ({what})"
    return findings.fail(_CHECK, text, f"check {entity.setting}, and that the namespace has it")


async def _receive(connection: Connection, entity: Entity) -> None:
    receiver = await connection.open(lambda client: client.get_queue_receiver(entity.name))
    await receiver.peek_messages(max_message_count=1)


async def _send(connection: Connection, entity: Entity) -> None:
    def attach(client: Any) -> Any:
        return client.get_topic_sender(entity.name) if entity.topic else client.get_queue_sender(entity.name)

    sender = await connection.open(attach)
    try:
        await sender.cancel_scheduled_messages(_NO_SUCH_NUMBER)
    except sb.MessageNotFoundError:
        return  # which only those are told who may send


_RECEIVE: Final = _Right("receive", "Azure Service Bus Data Receiver", _receive)
_SEND: Final = _Right("send", "Azure Service Bus Data Sender", _send)
