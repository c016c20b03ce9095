"""Links that clients receive on: who waits for messages of which queue, and what their settlements mean.

Knows credit, fairness and outcomes. A link gets no more than it has credit for; links of one queue take turns.
"""

import uuid
from typing import Any

import proton

from emulators.servicebus import codec, errors
from emulators.servicebus.faults import Effect
from emulators.servicebus.gate import Gate
from emulators.servicebus.links import condition_of, refuse
from emulators.servicebus.queue import MessageQueue
from emulators.servicebus.trace import Operation


class ReceiveLink:
    """A client receives from a queue; with `delete`, each message is gone once it is sent."""

    def __init__(self, queue: MessageQueue, gate: Gate, *, delete: bool) -> None:
        self.queue = queue
        self._gate = gate
        self._delete = delete

    def deliver(self, link: Any) -> None:
        """Send the next message. The delivery tag is the lock token in the byte order of a .NET Guid, as clients expect."""
        message = self.queue.take(delete=self._delete)
        if message is None:
            return
        delivery = link.delivery((message.lock_token or uuid.uuid4()).bytes_le)
        delivery.lock_token = message.lock_token
        link.stream(codec.encode(message))
        link.advance()
        if self._delete:
            delivery.settle()

    def settle(self, delivery: proton.Delivery) -> None:
        """Do what the client's outcome asks, and echo that outcome, or reject with the reason why not.

        The echo of `rejected` carries no error: azure-servicebus takes one for a failed settlement.
        """
        outcome = delivery.remote_state
        try:
            effect = self._apply(delivery, _operation_of(delivery))
        except errors.BrokerError as error:
            if isinstance(error, errors.ScriptedFault) and error.detach:
                refuse(delivery.link, error)
                return
            delivery.local.condition = condition_of(error)
            outcome, effect = proton.Delivery.REJECTED, None
        if effect is None:
            delivery.update(outcome)
            delivery.settle()

    def _apply(self, delivery: proton.Delivery, operation: Operation) -> Effect | None:
        effect = self._gate.meet(self.queue.path, operation)
        if effect is Effect.SILENCE:
            return effect
        token: uuid.UUID = delivery.lock_token
        match operation:
            case Operation.COMPLETE:
                self.queue.complete(token)
            case Operation.RELEASE:
                self.queue.release(token)
            case Operation.ABANDON:
                self.queue.abandon(token, _changes(delivery))
            case Operation.DEFER:
                self.queue.defer(token, _changes(delivery))
            case _:
                self.queue.dead_letter(token, *_why_rejected(delivery))
        return effect


class Receivers:
    """The links that have credit and wait, by queue."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._waiting: dict[MessageQueue, dict[Any, ReceiveLink]] = {}

    def update(self, link: Any, role: ReceiveLink) -> None:
        """A link's credit has changed."""
        if link.credit > 0:
            self._waiting.setdefault(role.queue, {}).setdefault(link, role)

    def remove(self, link: Any, role: ReceiveLink) -> None:
        """A link has gone."""
        self._waiting.get(role.queue, {}).pop(link, None)

    def remove_connection(self, connection: Any) -> None:
        """All links of a connection have gone."""
        for links in self._waiting.values():
            for link in [link for link in links if link.connection == connection]:
                del links[link]

    def serve(self) -> None:
        """Deliver whatever can be delivered, and give back the credit of links that asked to be drained."""
        for queue, links in self._waiting.items():
            queue.sweep()
            while links and queue.has_ready and not self._gate.holds_deliveries(queue.path):
                link = next(iter(links))
                role = links.pop(link)
                if link.credit > 0:
                    role.deliver(link)
                    self.update(link, role)
            for link in [link for link in links if link.drain_mode]:
                link.drained()
                del links[link]


def _operation_of(delivery: proton.Delivery) -> Operation:
    match delivery.remote_state:
        case proton.Delivery.ACCEPTED:
            return Operation.COMPLETE
        case proton.Delivery.REJECTED:
            return Operation.DEAD_LETTER
        case proton.Delivery.MODIFIED if delivery.remote.undeliverable:
            return Operation.DEFER
        case proton.Delivery.MODIFIED if delivery.remote.failed:
            return Operation.ABANDON
        case proton.Delivery.MODIFIED | proton.Delivery.RELEASED:
            return Operation.RELEASE
        case other:
            raise errors.NotSupported(f"the outcome {other} is not supported by this emulator")


def _changes(delivery: proton.Delivery) -> dict[str, Any]:
    return {str(name): value for name, value in (delivery.remote.annotations or {}).items()}


def _why_rejected(delivery: proton.Delivery) -> tuple[str | None, str | None, dict[str, Any]]:
    condition: Any = delivery.remote.condition
    info = {} if condition is None else {str(name): value for name, value in (condition.info or {}).items()}
    reason = info.pop("DeadLetterReason", None)
    description = info.pop("DeadLetterErrorDescription", None)
    return reason, description, info
