"""How the two actions are asked for: by which of the documents' routes, with whose headers, and who is shown the answers.

For a person who asks at a terminal; the service asks in the usual way. Knows names of headers, and sends nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from shared.domain.identifiers import AutopilotDeviceId
from shared.graph.response import Response

OURS: Final = frozenset(
    {"authorization", "connection", "content-length", "cookie", "host", "proxy-authorization", "transfer-encoding"}
)
"""Headers that are never a caller's: the token goes where we send it, and the connection is the library's."""
_NAME: Final = re.compile(r"[0-9A-Za-z!#$%&'*+.^_`|~-]{1,128}")
_VALUE: Final = re.compile(r"[\x20-\x7e]{0,8192}")


class Route(StrEnum):
    """The documented ways to one record."""

    DEVICE = "device"
    """Straight to it: the usual way."""
    DEPLOYMENT_PROFILE = "deployment-profile"
    """Through the deployment profile that is assigned to it: beta only, and for the user only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """`headers` are added to each POST; `shown` is called with each answer to one, whatever it says."""

    route: Route = Route.DEVICE
    headers: Mapping[str, str] = field(default_factory=dict)
    shown: Callable[[AutopilotDeviceId, Response], None] = field(default=lambda _device, _response: None)


def checked(name: str, value: str) -> tuple[str, str]:
    """A header that may be added. Raises ValueError, which says why not and quotes no value.

    Source: RFC 9110, sections 5.1 and 5.5
    """
    if not _NAME.fullmatch(name):
        raise ValueError("a header's name has letters, digits and hyphens only")
    if name.lower() in OURS:
        raise ValueError(f"the header {name} is set by the sign-in and the connection")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"the value of the header {name} must be printable ASCII")
    return name, value
