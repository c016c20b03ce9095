"""The host of the emulated identity endpoint, on loopback."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Self

from emulators.clock import Clock, SystemClock
from emulators.graph.calls import Call
from emulators.graph.faults import Faults
from emulators.http_server import HttpServer
from emulators.identity import tokens
from emulators.identity.app import IdentityApp
from emulators.identity.service import CLOUD_SHELL_PATH, PATH, IdentityService


class IdentityEmulator:
    """App Service's managed-identity endpoint; what `ManagedIdentityCredential` uses if `environment` is in its environment.

    With `cloud_shell_environment` instead it is Cloud Shell's, whose tokens are those of the person who opened the shell.
    `header`: the secret to be sent as X-IDENTITY-HEADER, random if not given. `roles`: the application permissions in the
    tokens; `scopes`: what a person's allow. `faults`: as the emulated Graph's, from emulators.graph.faults.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        clock: Clock | None = None,
        header: str | None = None,
        roles: Iterable[str] = tokens.DEFAULT_ROLES,
        scopes: Iterable[str] = tokens.DEFAULT_SCOPES,
    ) -> None:
        clock = clock or SystemClock()
        self.header = header or secrets.token_hex(16)
        self.faults = Faults(clock)
        service = IdentityService(clock, self.header, frozenset(roles), frozenset(scopes))
        self._app = IdentityApp(service, self.faults, clock, self._cut)
        self._server = HttpServer(self._app, port=port)

    def start(self) -> None:
        """Return when it answers. Raises OSError if the port is taken."""
        self._server.start()

    def stop(self) -> None:
        """Close the port and reset the connections."""
        self._server.stop()

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
        """The URL for `IDENTITY_ENDPOINT`."""
        return f"{self._server.endpoint}{PATH}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that App Service sets for a process."""
        return {"IDENTITY_ENDPOINT": self.endpoint, "IDENTITY_HEADER": self.header}

    @property
    def cloud_shell_environment(self) -> dict[str, str]:
        """The variable that Cloud Shell sets."""
        return {"MSI_ENDPOINT": f"{self._server.endpoint}{CLOUD_SHELL_PATH}"}

    @property
    def calls(self) -> Sequence[Call]:
        """All requests so far, in the order of their arrival."""
        return self._app.calls

    def _cut(self, client: tuple[str, int]) -> None:
        self._server.cut(client)
