"""Whether there is still time to send what must be sent at once, and how long a connection to Graph may take then. Pure."""

from datetime import datetime, timedelta
from typing import Final

from shared.domain.errors import TokenUnavailable

SHORTEST_CONNECT: Final = timedelta(milliseconds=300)
"""What a connection may take in any case: one to Graph is there after a tenth of a second."""


def within(send_by: datetime, now: datetime) -> timedelta:
    """How long a connection may take for a request that has its token now.

    Raises TokenUnavailable: not sent, the token took so long that the read before it is worth nothing.
    """
    if now > send_by:
        raise TokenUnavailable("not sent: the token came too late")
    return max(send_by - now, SHORTEST_CONNECT)
