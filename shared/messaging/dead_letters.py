"""The reasons for which we dead-letter, as a closed list; `docs/dead-letters.md` has a row for each.

A permanent error's class name is its reason; the last two come from recoverability.
"""

from enum import Enum
from typing import Self

from shared.domain import errors


class Reason(Enum):
    """Why a message was dead-lettered; the value is what Service Bus shows."""

    description: str

    def __new__(cls, value: str, description: str) -> Self:
        """A reason with its one-sentence meaning."""
        member = object.__new__(cls)
        member._value_ = value
        member.description = description
        return member

    INVALID_MESSAGE = "InvalidMessage", "The body is not JSON or not the contract; the description names the JSON path."
    STALE_MESSAGE = "StaleMessage", "The event is older than MESSAGE_MAX_AGE; the device may have a new owner by now."
    USER_NOT_RESOLVABLE = "UserNotResolvable", "The event leads to no user principal name."
    AMBIGUOUS_DEVICE = "AmbiguousDevice", "More than one Autopilot record has the key that the event names."
    PLACEHOLDER_SERIAL_NUMBER = (
        "PlaceholderSerialNumber",
        "The serial number is firmware's filler, which many machines share.",
    )
    PROTECTED_USER = "ProtectedUser", "The user is named in PROTECTED_USERS."
    PROTECTED_DEVICE = "ProtectedDevice", "A device is named in PROTECTED_SERIAL_NUMBERS or PROTECTED_GROUP_TAGS."
    TOO_MANY_DEVICES = "TooManyDevices", "The user has more devices than MAX_DEVICES_PER_USER."
    BLAST_RADIUS_EXCEEDED = (
        "BlastRadiusExceeded",
        "BLAST_RADIUS_PER_HOUR devices were unassigned in the last hour, over all instances.",
    )
    ACTION_NOT_ALLOWED = "ActionNotAllowed", "The event asks for an action that the settings switch off."
    GRAPH_PERMISSION_DENIED = (
        "GraphPermissionDenied",
        "Graph refused our identity; an administrator must grant its role.",
    )
    GRAPH_REQUEST_REJECTED = "GraphRequestRejected", "Graph refused the request; the description has its request id."
    UNASSIGNMENT_NOT_CONFIRMED = (
        "UnassignmentNotConfirmed",
        "Graph accepted it, and after VERIFY_ATTEMPTS verifications a device still names the leaver.",
    )
    SUSPICIOUS_SCAN = (
        "SuspiciousScan",
        "The Autopilot list has had fewer than half its former devices for RETRY_GIVE_UP_AFTER or RETRY_MAX_ATTEMPTS.",
    )
    RETRIES_EXHAUSTED = (
        "RetriesExhausted",
        "It failed for RETRY_GIVE_UP_AFTER or RETRY_MAX_ATTEMPTS; the last error is given.",
    )
    UNEXPECTED_ERROR = "UnexpectedError", "Our own bug, met at each of MAX_DELIVERY_COUNT deliveries."

    @property
    def guards(self) -> bool:
        """Whether a guard refused the message, which an operator's override releases."""
        return self in _GUARDS

    @classmethod
    def of(cls, error: errors.PermanentError) -> Self:
        """The reason of a permanent error: its class name. KeyError for an error that nobody gave a reason."""
        return cls[_MEMBERS[type(error).__name__]]


_MEMBERS = {reason.value: reason.name for reason in Reason}
_GUARDS = frozenset(
    {
        Reason.PROTECTED_USER,
        Reason.PROTECTED_DEVICE,
        Reason.TOO_MANY_DEVICES,
        Reason.BLAST_RADIUS_EXCEEDED,
        Reason.SUSPICIOUS_SCAN,
        Reason.STALE_MESSAGE,
    }
)
