"""Graph's `$batch`: from one body to up to 20 requests, and from their answers to one body. Knows nothing of what they ask.

The answers come in reverse: Graph promises no order, and a caller who relies on one shall notice.
Source: learn.microsoft.com/graph/json-batching
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from emulators.graph import messages
from emulators.graph.messages import Answer, GraphRequest

MAX_ITEMS: Final = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One item: a request or, where it can't be one, the answer to it at once."""

    id: str
    request: GraphRequest
    refusal: Answer | None = None


def items(batch: GraphRequest, batch_id: str) -> list[Item] | Answer:
    """The items of a batch, or the answer that refuses it as a whole."""
    entries = batch.body.get("requests") if isinstance(batch.body, dict) else None
    if not isinstance(entries, list) or not entries:
        return _refused("Invalid batch payload format.")
    if len(entries) > MAX_ITEMS:
        return _refused(f"Number of batch request steps exceeds the maximum value of {MAX_ITEMS}.")
    if not all(isinstance(entry, dict) and _is_complete(entry) for entry in entries):
        return _refused("Each batch request step needs the strings id, method and url.")
    if len({entry["id"] for entry in entries}) < len(entries):
        return _refused("Duplicate request id found in the batch.")
    if any(entry.get("dependsOn") for entry in entries):
        return messages.unexpected("dependsOn in a batch")
    return [_item(entry, batch, batch_id) for entry in entries]


def answer(answered: Sequence[tuple[Item, Answer]]) -> Answer:
    """One answer for all items; lost with the connection if one of them loses that."""
    responses = []
    for item, single in reversed(answered):
        response: dict[str, Any] = {"id": item.id, "status": single.status}
        content = single.body if single.raw is None else single.raw
        kind = {} if content is None else {"Content-Type": "application/json"}
        response["headers"] = {**kind, **single.headers}
        if content is not None:
            response["body"] = content
        responses.append(response)
    return Answer(status=200, body={"responses": responses}, reset=any(single.reset for _, single in answered))


def _is_complete(entry: Mapping[str, Any]) -> bool:
    return all(isinstance(entry.get(name), str) and entry[name] for name in ("id", "method", "url"))


def _item(entry: Mapping[str, Any], batch: GraphRequest, batch_id: str) -> Item:
    path, _, query = entry["url"].partition("?")
    given = entry.get("headers")
    headers = {name.lower(): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    segments = tuple(unquote(part) for part in path.removeprefix("/").split("/"))
    request = dataclasses.replace(
        batch,
        method=entry["method"].upper(),
        segments=segments,
        query=dict(parse_qsl(query, keep_blank_values=True)),
        headers=headers | {"authorization": batch.headers.get("authorization", "")},
        body=entry.get("body"),
        batch_id=batch_id,
    )
    if "" in segments or ":" in segments[0]:
        return Item(
            entry["id"], request, _refused("The url of a batch request step must be relative to the API version.")
        )
    if segments == ("$batch",):
        return Item(entry["id"], request, _refused("A batch can't be nested in a batch."))
    if entry.get("body") is not None and "content-type" not in headers:
        return Item(entry["id"], request, _refused("A batch request step with a body needs a Content-Type header."))
    return Item(entry["id"], request)


def _refused(message: str) -> Answer:
    return messages.error(400, message)
