"""What the broker refuses, as AMQP says it: condition, description, and the status of a management answer.

Knows the conditions of the real service; must not know how they travel.
"""


class BrokerError(Exception):
    """A refusal with the AMQP condition and the management status code that the client is to see."""

    condition = "amqp:internal-error"
    status = 500


class EntityNotFound(BrokerError):
    """No queue, topic or subscription of that name."""

    condition = "amqp:not-found"
    status = 404


class LockLost(BrokerError):
    """The lock token is unknown, expired, or was settled already."""

    condition = "com.microsoft:message-lock-lost"
    status = 410


class MessageNotFound(BrokerError):
    """No scheduled or deferred message has that sequence number."""

    condition = "com.microsoft:message-not-found"
    status = 404


class MessageTooLarge(BrokerError):
    """The message, or a batch of them, is larger than the tier allows."""

    condition = "amqp:link:message-size-exceeded"
    status = 413


class InvalidRequest(BrokerError):
    """Not a message, or not a request, that can be understood."""

    condition = "com.microsoft:argument-error"
    status = 400


class ConnectionForced(BrokerError):
    """The service closes a connection, as it does when it is being restarted."""

    condition = "amqp:connection:forced"
    status = 503


class NotSupported(BrokerError):
    """The real service may do this; the emulator says loudly that it does not."""

    condition = "amqp:not-implemented"
    status = 501


class NotAllowed(BrokerError):
    """The entity is of the wrong kind for that."""

    condition = "amqp:not-allowed"
    status = 400


class Unauthorized(BrokerError):
    """The client lacks a claim at the entity."""

    condition = "amqp:unauthorized-access"
    status = 401


class ScriptedFault(BrokerError):
    """A fault that a test asked for; condition and text are the test's."""

    status = 503

    def __init__(self, condition: str, description: str, *, detach: bool) -> None:
        super().__init__(description)
        self.condition = condition
        self.detach = detach
