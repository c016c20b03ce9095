"""Graph's `$batch` as JSON: up to 20 requests in one body, and the answer to each out of one. Pure; sends nothing.

Written by hand: the library's batch code does not import, sends absolute URLs, and gives a POST neither body nor Content-Type.
Source: learn.microsoft.com/graph/json-batching
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.domain.errors import GraphUnavailable
from shared.graph.response import Response

MAX_ITEMS: Final = 20
_JSON: Final = "application/json"
_STATUSES: Final = range(100, 600)


@dataclass(frozen=True, slots=True)
class Item:
    """One request of a batch. `url` is relative to the API version and begins with a slash."""

    method: str
    url: str


def body(items: Sequence[Item]) -> bytes:
    """The body that asks for all items; each one's id is its place, from 1. A POST has an empty object for its body."""
    return json.dumps({"requests": [_request(number, item) for number, item in enumerate(items, 1)]}).encode()


def answers(whole: Response, count: int) -> Sequence[Response | GraphUnavailable]:
    """The answer to each of `count` items, in the order of asking; Graph answers in any order.

    An item without an answer, or with two, or with one that is none, is GraphUnavailable: whether it was done is not known.
    Raises GraphUnavailable if the whole is not the answer to a batch.
    """
    responses = whole.json().get("responses")
    if not isinstance(responses, list):
        raise GraphUnavailable("graph answered a batch with something that is not the answer to one")
    by_id: dict[str, list[Mapping[str, Any]]] = {}
    for response in responses:
        if isinstance(response, dict) and isinstance(name := response.get("id"), str | int):
            by_id.setdefault(str(name), []).append(response)
    return [_answer(by_id.get(str(number), [])) for number in range(1, count + 1)]


def _request(number: int, item: Item) -> dict[str, Any]:
    request: dict[str, Any] = {"id": str(number), "method": item.method, "url": item.url}
    if item.method == "GET":
        return request | {"headers": {"Accept": _JSON}}
    # As in Graph's own sample of a POST that needs no body.
    return request | {"headers": {"Accept": _JSON, "Content-Type": _JSON}, "body": {}}


def _answer(found: Sequence[Mapping[str, Any]]) -> Response | GraphUnavailable:
    if len(found) != 1:
        return GraphUnavailable(f"graph answered one item of a batch {len(found)} times")
    answer = found[0]
    status, headers, content = answer.get("status"), answer.get("headers"), answer.get("body")
    if not isinstance(status, int) or status not in _STATUSES:  # which True is not, though it counts as 1
        return GraphUnavailable("graph answered one item of a batch without a status")
    named = headers if isinstance(headers, dict) else {}
    return Response(
        status,
        {name.lower(): str(value) for name, value in named.items() if isinstance(value, str | int | float)},
        b"" if content is None else json.dumps(content).encode(),
    )
