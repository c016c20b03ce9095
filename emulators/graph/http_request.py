"""From an HTTP request to a GraphRequest. Knows Graph's URLs as far as the API version, and JSON."""

import json
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from starlette.requests import Request

from emulators.graph import messages
from emulators.graph.messages import Answer, ApiVersion, GraphRequest

_API_VERSIONS: Final[dict[str, ApiVersion]] = {"v1.0": "v1.0", "beta": "beta"}


async def read(request: Request) -> GraphRequest | Answer:
    """The request as Graph sees it, or the answer to what isn't one. A doubled slash, as msgraph-sdk sends it, is one."""
    raw_path: bytes = request.scope["raw_path"]
    version, *segments = [unquote(part) for part in raw_path.decode("ascii").split("/") if part] or [""]
    if version not in _API_VERSIONS:
        return messages.unexpected(f"{request.method} outside of /v1.0 and /beta")
    content = await request.body()
    body: Any = None
    if content:
        try:
            body = json.loads(content)
        except ValueError:
            return messages.error(400, "Unable to read JSON request payload.")
    return GraphRequest(
        root=f"{request.url.scheme}://{request.headers.get('host', '')}",
        api_version=_API_VERSIONS[version],
        method=request.method,
        segments=tuple(segments),
        query=dict(parse_qsl(request.url.query, keep_blank_values=True)),
        headers=dict(request.headers),
        body=body,
    )
