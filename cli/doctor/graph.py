"""Whether Graph answers, and lets us read the Autopilot list: one entry of it is asked for, and not looked at."""

from typing import TYPE_CHECKING, Any, Final, Self

from cli.doctor import findings
from cli.doctor.clock import Answered
from cli.doctor.findings import Finding
from shared import bootstrap
from shared.domain.errors import TransientError
from shared.graph import errors
from shared.settings.fields import Settings

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken

_CHECK: Final = "graph"
_ONE: Final = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities?$top=1"


class _Same:
    """A credential that has its token already."""

    def __init__(self, token: "AccessToken") -> None:
        self._token = token

    async def get_token(self, *_scopes: str, **_options: Any) -> "AccessToken":
        """The token."""
        return self._token

    async def close(self) -> None:
        """There is nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """There is nothing to close."""


async def check(settings: Settings, token: "AccessToken") -> tuple[Finding, Answered | None]:
    """One line, and the answer, if there was one."""
    clock = bootstrap.SystemClock()
    graph = bootstrap.build_graph(settings, clock, lambda: _Same(token))
    try:
        asked_at = clock.now()
        response = await graph.exchange(graph.requests.page(f"{graph.cloud.root}{_ONE}"))
    except TransientError as error:
        mend = "check GRAPH_ENDPOINT, the network and its firewall"
        return findings.fail(_CHECK, f"{settings.graph_endpoint}: {error}", mend, basic=True), None
    finally:
        await graph.close()
    answered = Answered(headers=response.headers, asked_at=asked_at, got_at=clock.now())
    if response.succeeded:
        return findings.ok(_CHECK, f"{settings.graph_endpoint} answers, and the Autopilot list may be read"), answered
    text = f"{settings.graph_endpoint}: {errors.describe(response)}"
    match response.status:
        case 401 | 403:
            return findings.fail(
                _CHECK, text, "grant what graph rights says; the tenant needs an Intune licence"
            ), answered
        case 429:
            return findings.warn(_CHECK, text, "somebody asks too much: try again in a minute"), answered
        case _:
            return findings.fail(_CHECK, text, "check GRAPH_ENDPOINT; else see Microsoft's service health"), answered
