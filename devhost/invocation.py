"""One message or one tick, one invocation: puts together what the worker gets. Knows both sides and decides nothing."""

import secrets
import uuid

from azure.servicebus import ServiceBusReceivedMessage

from devhost import errors, message_body, protos, trigger_metadata
from devhost.bindings import QueueTrigger, Timer
from devhost.worker import InvocationResult, Worker


class Invoker:
    """Hands messages to one function."""

    def __init__(self, worker: Worker, trigger: QueueTrigger) -> None:
        self._worker = worker
        self._trigger = trigger

    async def __call__(self, message: ServiceBusReceivedMessage) -> InvocationResult:
        """Run the function on the message. A body that cannot be bound fails the invocation, as in the host."""
        try:
            body = message_body.build(message, binary=self._trigger.binary)
        except errors.BodyNotBindable as error:
            return InvocationResult(succeeded=False, error_text=f"BodyNotBindable: {error}")
        return await self._worker.invoke(
            self._trigger.function,
            invocation_id=str(uuid.uuid4()),
            argument=(self._trigger.parameter, body),
            trigger_metadata=trigger_metadata.build(message),
            traceparent=_new_traceparent(),
        )


async def tick(worker: Worker, timer: Timer) -> InvocationResult:
    """Run a timer's function once."""
    return await worker.invoke(
        timer.function,
        invocation_id=str(uuid.uuid4()),
        argument=(timer.parameter, protos.as_json({"IsPastDue": False})),
        trigger_metadata={},
        traceparent=_new_traceparent(),
    )


def _new_traceparent() -> str:
    # The host's own invocation span, sampled (W3C Trace Context): not the sender's, which is in the properties.
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
