"""Requests to `<entity>/$management`: reads each, has the broker do it, and builds the answer.

Knows the request's and the answer's form; must not know links. What it does not know it refuses with 501.
Source: learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response
"""

import dataclasses
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Self

import proton

from emulators.servicebus import codec, errors, sections
from emulators.servicebus.broker import Broker
from emulators.servicebus.queue import MessageQueue
from emulators.servicebus.trace import Operation

_DISPOSITIONS = {
    "completed": Operation.COMPLETE,
    "abandoned": Operation.ABANDON,
    "suspended": Operation.DEAD_LETTER,
    "defered": Operation.DEFER,
}
_OPERATIONS = {
    "com.microsoft:renew-lock": Operation.RENEW,
    "com.microsoft:schedule-message": Operation.SCHEDULE,
    "com.microsoft:cancel-scheduled-message": Operation.CANCEL,
    "com.microsoft:peek-message": Operation.PEEK,
    "com.microsoft:receive-by-sequence-number": Operation.RECEIVE_DEFERRED,
}
_RECEIVE_AND_DELETE = 0
"""receiver-settle-mode `first`."""

type Body = Mapping[str, Any]
_NOTHING: Any = proton.UNDESCRIBED


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request: its id, to be answered by, the operation's name, and the body, empty if it is no map."""

    message_id: Any
    operation: Any
    body: Body

    @classmethod
    def decode(cls, encoded: bytes) -> Self:
        """Read a request. Raises InvalidRequest."""
        message: Any = proton.Message()
        try:
            sections.split(encoded)  # proton takes some garbage for an empty message
            message.decode(encoded)
        except (ValueError, proton.ProtonException) as error:
            raise errors.InvalidRequest(f"the request can't be decoded: {error}") from error
        properties = message.properties or {}
        body = message.body if isinstance(message.body, dict) else {}
        return cls(message_id=message.id, operation=properties.get("operation"), body=body)


def operation_of(request: Request) -> Operation:
    """What the request asks for. Raises NotSupported, InvalidRequest."""
    name = request.operation
    if name == "com.microsoft:update-disposition":
        status = _field(request, "disposition-status")
        if status not in _DISPOSITIONS:
            raise errors.InvalidRequest(f"unknown disposition status {status!r}")
        return _DISPOSITIONS[status]
    if name not in _OPERATIONS:
        raise errors.NotSupported(f"the management operation {name!r} is not supported by this emulator")
    return _OPERATIONS[name]


def perform(broker: Broker, path: str, operation: Operation, request: Request) -> Body:
    """Do what is asked, and return the body of the answer; it is empty where there is nothing to say. Raises BrokerError."""
    try:
        return _PERFORMERS.get(operation, _settle)(broker, path, request)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise errors.InvalidRequest(f"the request's body does not fit {operation}: {error!r}") from error


def answer(request: Request, body: Body, *, empty_is_no_content: bool) -> proton.Message:
    """A successful answer: 200, or 204 if there is nothing where something was asked for."""
    status, description = (204, "No Content") if empty_is_no_content and not body else (200, "OK")
    return _reply(request, status, description, body=dict(body))


def refusal(request: Request, error: errors.BrokerError) -> proton.Message:
    """An answer that says no, and why."""
    return _reply(request, error.status, str(error), condition=error.condition)


def _reply(
    request: Request, status: int, description: str, *, body: Any = None, condition: str | None = None
) -> proton.Message:
    properties: dict[str, Any] = {"statusCode": proton.int32(status), "statusDescription": description}
    if condition is not None:
        properties["errorCondition"] = proton.symbol(condition)
    return proton.Message(correlation_id=request.message_id, properties=properties, body=body)


def _settle(broker: Broker, path: str, request: Request) -> Body:
    queue = broker.queue(path)
    operation = operation_of(request)
    for token in _lock_tokens(request):
        _apply(queue, operation, token, request.body)
    return {}


def _apply(queue: MessageQueue, operation: Operation, token: uuid.UUID, body: Body) -> None:
    changes = body.get("properties-to-modify") or {}
    match operation:
        case Operation.COMPLETE:
            queue.complete(token)
        case Operation.ABANDON:
            queue.abandon(token, changes)
        case Operation.DEFER:
            queue.defer(token, changes)
        case Operation.DEAD_LETTER:
            # Clients send an empty string for what was not given.
            reason, description = body.get("deadletter-reason") or None, body.get("deadletter-description") or None
            queue.dead_letter(token, reason, description, changes)
        case _:
            raise errors.NotSupported(f"{operation} is no disposition")


def _renew(broker: Broker, path: str, request: Request) -> Body:
    queue = broker.queue(path)
    ends = [codec.to_timestamp(queue.renew(token)) for token in _lock_tokens(request)]
    return {"expirations": proton.Array(_NOTHING, proton.Data.TIMESTAMP, *ends)}


def _schedule(broker: Broker, path: str, request: Request) -> Body:
    inbox = broker.inbox(path)
    contents = [codec.decode(bytes(entry["message"])) for entry in _field(request, "messages")]
    numbers = [inbox.schedule(content) for content in contents]
    return {"sequence-numbers": proton.Array(_NOTHING, proton.Data.LONG, *numbers)}


def _cancel(broker: Broker, path: str, request: Request) -> Body:
    broker.inbox(path).cancel([int(number) for number in _field(request, "sequence-numbers")])
    return {}


def _peek(broker: Broker, path: str, request: Request) -> Body:
    first, count = int(_field(request, "from-sequence-number")), int(_field(request, "message-count"))
    messages = broker.peek(path, first, count)
    return {"messages": [{"message": codec.encode(each, peeked=True)} for each in messages]} if messages else {}


def _receive_deferred(broker: Broker, path: str, request: Request) -> Body:
    numbers = [int(number) for number in _field(request, "sequence-numbers")]
    delete = _field(request, "receiver-settle-mode") == _RECEIVE_AND_DELETE
    messages = broker.queue(path).take_deferred(numbers, delete=delete)
    found: list[dict[str, Any]] = []
    for each in messages:
        lock = {} if each.lock_token is None else {"lock-token": each.lock_token}
        found.append({"message": codec.encode(each), **lock})
    return {"messages": found}


def _lock_tokens(request: Request) -> list[uuid.UUID]:
    tokens = list(_field(request, "lock-tokens"))
    if not tokens or not all(isinstance(token, uuid.UUID) for token in tokens):
        raise errors.InvalidRequest("lock-tokens is not an array of UUIDs")
    return tokens


def _field(request: Request, name: str) -> Any:
    if name not in request.body:
        raise errors.InvalidRequest(f"the request has no {name}")
    return request.body[name]


_PERFORMERS: Mapping[Operation, Callable[[Broker, str, Request], Body]] = {
    Operation.RENEW: _renew,
    Operation.SCHEDULE: _schedule,
    Operation.CANCEL: _cancel,
    Operation.PEEK: _peek,
    Operation.RECEIVE_DEFERRED: _receive_deferred,
}
