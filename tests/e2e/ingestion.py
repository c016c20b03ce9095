"""What stands for Application Insights: takes whatever its exporter sends, and keeps it.

Source: github.com/Azure/azure-sdk-for-python, azure-monitor-opentelemetry-exporter, the operation `track` of its generated client
"""

import gzip
import json
from typing import Any, Self

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from emulators.http_server import HttpServer


class Ingestion:
    """An endpoint on loopback; `envelopes` is what arrived."""

    def __init__(self) -> None:
        self.envelopes: list[dict[str, Any]] = []
        self._server = HttpServer(self)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def connection_string(self) -> str:
        """What leads here, and nowhere else."""
        here = f"{self._server.endpoint}/"
        return f"InstrumentationKey=11111111-2222-3333-4444-555555555555;IngestionEndpoint={here};LiveEndpoint={here}"

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The data of all envelopes of one kind, such as MetricData."""
        return [each["data"]["baseData"] for each in self.envelopes if each["data"]["baseType"] == kind]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        request = Request(scope, receive)
        body = await request.body()
        plain = gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body
        sent = json.loads(plain) if request.url.path.endswith("/track") else []
        self.envelopes += sent
        answer = {"itemsReceived": len(sent), "itemsAccepted": len(sent), "errors": []}
        await JSONResponse(answer)(scope, receive, send)
