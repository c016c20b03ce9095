"""Who may do what, as data: the claims that clients lack at entities. By default they lack none; tokens are not looked at.

Source: learn.microsoft.com/azure/service-bus-messaging/service-bus-sas, "Rights required for Service Bus operations"
"""

import enum
import threading

from emulators.servicebus import errors
from emulators.servicebus.trace import Operation


class Claim(enum.StrEnum):
    """What may be done at an entity, in the service's words."""

    SEND = "Send"
    LISTEN = "Listen"


_NEEDS_SEND = frozenset({Operation.SEND, Operation.SCHEDULE, Operation.CANCEL})


def needed(operation: Operation) -> Claim:
    """The claim that an operation needs."""
    return Claim.SEND if operation in _NEEDS_SEND else Claim.LISTEN


class Rights:
    """May be changed from any thread while the emulator runs. Entities are named as in the configuration, whatever the case."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._denied: set[tuple[str, Claim]] = set()

    def deny(self, entity: str, claim: Claim) -> None:
        """From now on this needs a claim that nobody has."""
        with self._lock:
            self._denied.add((entity.lower(), claim))

    def grant(self, entity: str, claim: Claim) -> None:
        """From now on everybody has the claim again."""
        with self._lock:
            self._denied.discard((entity.lower(), claim))

    def check(self, entity: str, claim: Claim) -> None:
        """Raise Unauthorized if the claim is lacking."""
        with self._lock:
            denied = (entity.lower(), claim) in self._denied
        if denied:
            raise errors.Unauthorized(
                f"Unauthorized access. '{claim}' claim(s) are required to perform this operation. Resource: '{entity}'."
            )
