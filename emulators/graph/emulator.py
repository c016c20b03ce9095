"""The host of the emulated Graph: a tenant behind HTTP on loopback."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Self

from emulators.clock import Clock, SystemClock
from emulators.graph.access import Access
from emulators.graph.app import GraphApp
from emulators.graph.calls import Call, UnexpectedCallError
from emulators.graph.faults import Faults
from emulators.graph.operations import Behaviour, Operations
from emulators.graph.quota import INTUNE, Quota
from emulators.graph.service import GraphService
from emulators.graph.tenant import Tenant
from emulators.http_server import HttpServer


class GraphEmulator:
    """Microsoft Graph for one tenant, on 127.0.0.1; may be stopped and started again, on the same port.

    `token`: the one bearer token that is valid, for everything; None: the tokens of the emulated identity endpoint, for what
    their roles allow. `quota`: Intune's unless given; None: unlimited. `clears_after`: how long after the 204 a record is
    clear. `already_unassigned_status`: the answer to unassigning what nobody has. `strict`: `stop` raises
    UnexpectedCallError if anything was asked that the emulator doesn't know.
    """

    def __init__(
        self,
        tenant: Tenant,
        *,
        port: int = 0,
        clock: Clock | None = None,
        page_size: int = 1000,
        clears_after: timedelta = timedelta(0),
        token: str | None = None,
        quota: Quota | None = INTUNE,
        already_unassigned_status: int = 204,
        strict: bool = False,
    ) -> None:
        self._tenant = tenant
        self._clock = clock or SystemClock()
        self._strict = strict
        self.faults = Faults(self._clock)
        chosen = Behaviour(
            page_size=page_size,
            clears_after=clears_after,
            already_unassigned_status=already_unassigned_status,
        )
        operations = Operations(tenant, self._clock, chosen)
        service = GraphService(operations, self._clock, Access(self._clock, token), quota)
        self._app = GraphApp(service, tenant, self.faults, self._clock, self._cut)
        self._server = HttpServer(self._app, port=port)

    def start(self) -> None:
        """Return when it answers. Raises OSError if the port is taken."""
        self._server.start()

    def stop(self) -> None:
        """Close the port and reset the connections; what was asked and changed is kept."""
        self._server.stop()
        if self._strict and self.unexpected:
            asked = ", ".join(f"{call.method} {call.api_version} {call.path}" for call in self.unexpected)
            raise UnexpectedCallError(asked)

    def freeze(self) -> Callable[[], None]:
        """Do nothing, as a process that is stopped, until the function that this returns is called; what arrives waits."""
        return self._server.freeze()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The port that it listens on; 0 before the first start if none was asked for."""
        return self._server.port

    @property
    def endpoint(self) -> str:
        """Graph's root, `http://127.0.0.1:PORT`, for `GRAPH_ENDPOINT`."""
        return self._server.endpoint

    @property
    def tenant(self) -> Tenant:
        """The tenant as it is now, with all that is due made true."""
        self._tenant.sweep(self._clock.now())
        return self._tenant

    @property
    def calls(self) -> Sequence[Call]:
        """All requests and batch items so far, in the order of their arrival."""
        return self._app.calls

    @property
    def unexpected(self) -> list[Call]:
        """The calls that the emulator doesn't know, each answered with 501."""
        return [call for call in self._app.calls if call.unexpected]

    def _cut(self, client: tuple[str, int]) -> None:
        self._server.cut(client)
