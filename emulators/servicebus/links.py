"""What each kind of link does with what arrives on it: messages sent, management requests, token requests.

One class a kind, kept at its proton link. Knows AMQP's outcomes; must not know connections or threads.
"""

from collections.abc import Callable
from typing import Any

import proton

from emulators.servicebus import codec, errors, management
from emulators.servicebus.broker import Broker
from emulators.servicebus.faults import Effect
from emulators.servicebus.gate import Gate
from emulators.servicebus.inbox import MAX_MESSAGE_BYTES, Inbox
from emulators.servicebus.trace import Operation

type Reply = Callable[[proton.Message], None]


def condition_of(error: errors.BrokerError) -> proton.Condition:
    """The error as AMQP carries it, in all three fields: azure-servicebus 7.15 reads the third without looking.

    It reads them so for a rejected message and for a closed connection.
    """
    return proton.Condition(error.condition, str(error), {proton.symbol("com.microsoft:emulator"): True})


def refuse(link: Any, error: errors.BrokerError) -> None:
    """Detach a link for good, saying why."""
    link.condition = condition_of(error)
    link.close()


class SendLink:
    """A client sends messages to a queue or topic."""

    def __init__(self, inbox: Inbox, gate: Gate) -> None:
        self._inbox = inbox
        self._gate = gate

    def take(self, delivery: proton.Delivery, encoded: bytes) -> None:
        """Take one transfer in, be it one message or a batch, and settle it: accepted, or rejected with the reason."""
        try:
            effect = self._take(encoded)
        except errors.ScriptedFault as fault:
            if fault.detach:
                refuse(delivery.link, fault)
            else:
                _reject(delivery, fault)
        except errors.BrokerError as error:
            _reject(delivery, error)
        else:
            if effect is None:
                _accept(delivery)

    def _take(self, encoded: bytes) -> Effect | None:
        if len(encoded) > MAX_MESSAGE_BYTES:
            raise errors.MessageTooLarge(f"the transfer has {len(encoded)} bytes, {MAX_MESSAGE_BYTES} are allowed")
        contents = codec.decode_transfer(encoded)
        operation = Operation.SEND if contents[0].scheduled_for is None else Operation.SCHEDULE
        effect = self._gate.meet(self._inbox.path, operation, contents[0].message_id)
        if effect is not Effect.SILENCE:
            for content in contents:
                self._inbox.send(content)
        return effect


class ManagementLink:
    """A client sends requests to an entity's `$management`; each is answered on the link that it receives from there."""

    def __init__(self, path: str, broker: Broker, gate: Gate, reply: Reply) -> None:
        self._path = path
        self._broker = broker
        self._gate = gate
        self._reply = reply

    def take(self, delivery: proton.Delivery, encoded: bytes) -> None:
        """Answer one request, unless a fault says not to."""
        try:
            request = management.Request.decode(encoded)
        except errors.InvalidRequest as error:
            _reject(delivery, error)
            return
        _accept(delivery)
        try:
            operation = management.operation_of(request)
            effect = self._gate.manage(self._path, operation)
            if effect is Effect.SILENCE:
                return
            body = management.perform(self._broker, self._path, operation, request)
        except errors.ScriptedFault as fault:
            if fault.detach:
                refuse(delivery.link, fault)
            else:
                self._reply(management.refusal(request, fault))
        except errors.BrokerError as error:
            self._reply(management.refusal(request, error))
        else:
            if effect is None:
                self._reply(management.answer(request, body, empty_is_no_content=operation is Operation.PEEK))


class TokenLink:
    """A client puts security tokens to `$cbs`. Every token is good: access is not what is emulated here."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def take(self, delivery: proton.Delivery, encoded: bytes) -> None:
        """Accept a token."""
        try:
            request = management.Request.decode(encoded)
        except errors.InvalidRequest as error:
            _reject(delivery, error)
            return
        _accept(delivery)
        properties = {"status-code": proton.int32(202), "status-description": "Accepted"}
        self._reply(proton.Message(correlation_id=request.message_id, properties=properties))


def _accept(delivery: proton.Delivery) -> None:
    delivery.update(proton.Delivery.ACCEPTED)
    delivery.settle()


def _reject(delivery: proton.Delivery, error: errors.BrokerError) -> None:
    delivery.local.condition = condition_of(error)
    delivery.update(proton.Delivery.REJECTED)
    delivery.settle()
