"""What can stop or disturb the host. Knows no library: adapters translate into these.

DevhostError
├── WorkerFailed            the app could not be loaded: its own error, in its own words
├── InvalidConfiguration    bindings, host.json or settings: every problem at once
├── LinkLost                Service Bus could not be reached, or hung up; opening again may help
├── LockLost                the message's lock has gone: expired, or the application has settled the message
└── BodyNotBindable         a body that the host cannot hand to a function
"""

from collections.abc import Sequence


class DevhostError(Exception):
    """The root of this package's errors."""


class WorkerFailed(DevhostError):
    """The app could not be loaded. The text is the app's own; `stack_trace` is for whoever asks for it.

    `error_type` is the name of the exception's class, "" if there was no exception.
    """

    def __init__(self, text: str, *, error_type: str = "", stack_trace: str = "") -> None:
        super().__init__(text)
        self.error_type = error_type
        self.stack_trace = stack_trace


class InvalidConfiguration(DevhostError):
    """The host cannot start with this app and these settings; `problems` has them all."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class LinkLost(DevhostError):
    """Service Bus could not be reached, refused, or hung up."""


class LockLost(DevhostError):
    """The lock on the message has expired, or the message has been settled."""


class BodyNotBindable(DevhostError):
    """The message has a body of a kind that the host hands to no function."""
