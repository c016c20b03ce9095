"""A dead-lettered message as its queue holds it: the message as it was when it was given up, and why it was."""

from dataclasses import dataclass

from shared.messaging.incoming import IncomingMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLettered:
    """One dead letter. `message` has a lock token if it was received, none if it was only peeked at.

    `reason` and `description` are empty where nobody gave any. `readable` is False for a body that is an AMQP value or sequence,
    which no function is ever handed; `message.body` is empty then.
    """

    message: IncomingMessage
    sequence_number: int
    reason: str
    description: str
    readable: bool = True
