"""What was asked of the emulator and what it answered, for tests to read. Knows no tenant and no transport."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from emulators.graph.messages import ApiVersion


@dataclass(slots=True, kw_only=True)
class Call:
    """One request. It is here from its arrival; `status` is None until it is answered, and stays so after a reset.

    `path` is decoded and without the API version. `batch_id` is the same for all items of one `$batch`; the batch itself
    is a call too, to `/$batch`, with None here. `headers` are the request's, by their names in lower case.
    """

    time: datetime
    method: str
    path: str
    query: Mapping[str, str]
    api_version: ApiVersion | None
    batch_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    unexpected: bool = False


class UnexpectedCallError(AssertionError):
    """A strict emulator was asked for something that it doesn't know."""
