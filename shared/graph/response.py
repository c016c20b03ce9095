"""One answer of Graph's, before anybody asks what it means. Knows JSON, and no client library."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import GraphUnavailable


@dataclass(frozen=True, slots=True)
class Response:
    """A status, the headers (names in lower case) and the body, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether the status is any 2xx."""
        return 200 <= self.status < 300

    def json(self) -> dict[str, Any]:
        """The body, which must be a JSON object: a gateway's web page or half of an answer raises GraphUnavailable."""
        content = self.json_or_none()
        if content is None:
            raise GraphUnavailable(f"graph answered {self.status} with something that is not a JSON object")
        return content

    def json_or_none(self) -> dict[str, Any] | None:
        """The body if it is a JSON object, else None."""
        try:
            content = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None
