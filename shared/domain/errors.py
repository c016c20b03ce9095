"""What can go wrong, as one tree. A permanent error's class name is its dead-letter reason.

UnassignmentError
├── PermanentError                     waiting can't mend it: dead-letter now
│   ├── InvalidMessage                 the body is not the contract; names the JSON path
│   ├── StaleMessage                   older than MESSAGE_MAX_AGE
│   ├── UserNotResolvable              no user principal name, or no such user
│   ├── AmbiguousDevice                two records for one key
│   ├── PlaceholderSerialNumber        a serial number that many machines share
│   ├── ProtectedUser, ProtectedDevice named in the settings as not to be touched
│   ├── TooManyDevices                 more than MAX_DEVICES_PER_USER
│   ├── BlastRadiusExceeded            more devices in an hour than BLAST_RADIUS_PER_HOUR
│   ├── ActionNotAllowed               an action that the settings switch off
│   ├── GraphPermissionDenied          401 after one token refresh, 403
│   ├── GraphRequestRejected           any other 4xx
│   └── UnassignmentNotConfirmed       the record still names the leaver after VERIFY_ATTEMPTS verifications
└── TransientError(retry_after)        delayed retry; in the end RetriesExhausted
    ├── GraphThrottled                 429
    ├── GraphUnavailable               408, 5xx, timeout, connection, a scan that broke
    ├── TokenUnavailable               the token endpoint
    ├── SuspiciousScan                 far fewer devices in the list than last time; in the end a reason of its own
    ├── JournalUnavailable             the journal's storage
    ├── VerificationNotScheduled       the queue of verifications
    └── OutcomeNotPublished            the outcomes topic

Anything else is our bug: abandoned, and at the last delivery dead-lettered UnexpectedError.
Error texts are lower-case phrases with ids, never names, serial numbers or bodies: they reach logs and dead letters.
"""

from datetime import timedelta


class UnassignmentError(Exception):
    """The base of all errors that the service raises on purpose."""


class PermanentError(UnassignmentError):
    """Waiting can't mend it; the message is dead-lettered with the class name as its reason."""


class InvalidMessage(PermanentError):
    """The body is not JSON or not the contract.

    `path` is the JSON path of the first problem, such as `$.user.id`; `problem` says what is wrong and what is expected.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class StaleMessage(PermanentError):
    """The event is older than MESSAGE_MAX_AGE; acting on it might hit a newer owner."""


class UserNotResolvable(PermanentError):
    """The event names its user in no way that leads to a user principal name."""


class AmbiguousDevice(PermanentError):
    """More than one Autopilot record has the key that the event names."""


class PlaceholderSerialNumber(PermanentError):
    """The serial number is firmware's filler and names no single machine."""


class ProtectedUser(PermanentError):
    """The settings protect this user."""


class ProtectedDevice(PermanentError):
    """The settings protect this device, by serial number or group tag."""


class TooManyDevices(PermanentError):
    """The user has more devices than MAX_DEVICES_PER_USER allows to touch unasked."""


class BlastRadiusExceeded(PermanentError):
    """In the last hour as many devices were unassigned as BLAST_RADIUS_PER_HOUR allows."""


class ActionNotAllowed(PermanentError):
    """The event asks for an action that the settings switch off."""


class GraphPermissionDenied(PermanentError):
    """Graph refused our identity: 401 after one token refresh, or 403."""


class GraphRequestRejected(PermanentError):
    """Graph refused the request itself (a 4xx other than 401, 403, 404, 408, 429); the text has Graph's request id."""


class UnassignmentNotConfirmed(PermanentError):
    """Graph accepted the unassignment, and the record still names whom it should not."""


class TransientError(UnassignmentError):
    """Waiting may mend it. `retry_after` is how long the other side asked us to wait, if it did."""

    def __init__(self, text: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class GraphThrottled(TransientError):
    """Graph answered 429."""


class GraphUnavailable(TransientError):
    """Graph answered 408 or 5xx or nonsense, timed out, broke the connection, or a scan could not be trusted.

    After a POST this leaves the outcome unknown: read the device again before posting again.
    """


class TokenUnavailable(TransientError):
    """The identity endpoint gave no token."""


class SuspiciousScan(GraphUnavailable):
    """The list has fewer than half the devices that it had last time: a leaver's may be missing."""


class VerificationNotScheduled(TransientError):
    """The message that will verify the unassignment could not be made durable."""


class JournalUnavailable(TransientError):
    """The journal could not be read or written."""


class OutcomeNotPublished(TransientError):
    """The outcome event did not reach the topic."""
