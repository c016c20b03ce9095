"""One request to Graph and the answer to it, as values; and the shapes of Graph's errors. Knows no transport and no state."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

ApiVersion = Literal["v1.0", "beta"]
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_CODES: Final = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "ResourceNotFound",
    408: "RequestTimeout",
    409: "Conflict",
    412: "PreconditionFailed",
    429: "TooManyRequests",
    500: "InternalServerError",
    501: "NotImplemented",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRequest:
    """A request, alone or as an item of a batch. Header names are lower case, path segments and query are decoded."""

    root: str
    api_version: ApiVersion
    method: str
    segments: tuple[str, ...]
    query: Mapping[str, str] = _NONE
    headers: Mapping[str, str] = _NONE
    body: Any = None
    batch_id: str | None = None

    @property
    def path(self) -> str:
        """The decoded path under the API version, `/deviceManagement/…`."""
        return "/" + "/".join(self.segments)

    @property
    def path_and_query(self) -> str:
        """The decoded path with its decoded query, for matching and reading."""
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.path}?{query}" if query else self.path

    def url(self, parameters: Mapping[str, str] = _NONE) -> str:
        """The absolute URL of this request, with these query parameters added or replaced."""
        query = urlencode({**self.query, **parameters}, safe="$")
        path = "/".join(quote(segment) for segment in self.segments)
        return f"{self.root}/{self.api_version}/{path}" + (f"?{query}" if query else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status with a JSON body (None: no body), or with raw text in its place. `reset`: the client gets none of it."""

    status: int
    body: Any = None
    raw: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    unexpected: bool = False
    reset: bool = False

    def text(self) -> str:
        """The body as it is sent."""
        if self.raw is not None:
            return self.raw
        return "" if self.body is None else json.dumps(self.body, separators=(",", ":"))


def error(status: int, message: str, *, code: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer in Graph's error shape; the code follows from the status if it isn't given."""
    inner = {"request-id": str(uuid.uuid4()), "client-request-id": str(uuid.uuid4())}
    content = {"code": code or _CODES.get(status, "UnknownError"), "message": message, "innerError": inner}
    return Answer(status=status, body={"error": content}, headers=headers or {})


def intune_error(status: int, message: str, *, code: str | None = None) -> Answer:
    """An answer as Intune words it: JSON inside the message, and no reason in that."""
    activity = uuid.uuid4()
    url = (
        "https://fef.msub01.manage.microsoft.com/DeviceEnrollmentFE/StatelessDeviceEnrollmentFEService/deviceManagement"
    )
    text = f"{message} - Operation ID (for customer support): {uuid.UUID(int=0)} - Activity ID: {activity} - Url: {url}"
    inside = {"_version": 3, "Message": text, "CustomApiErrorPhrase": "", "RetryAfter": None, "HttpHeaders": "{}"}
    return error(status, json.dumps(inside, indent=2).replace("\n", "\r\n"), code=code)


def unexpected(message: str) -> Answer:
    """The answer to what this emulator doesn't know: 501, and marked, so that it is noticed."""
    answer = error(501, f"the emulator does not know this: {message}")
    return Answer(status=501, body=answer.body, unexpected=True)
