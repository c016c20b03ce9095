"""Who may do what: bearer tokens and the application permissions in them. Knows nothing of what is asked for."""

from dataclasses import dataclass
from typing import Final

from emulators.clock import Clock
from emulators.identity import tokens

_CONFIG: Final = "DeviceManagementServiceConfig"
READ_DEVICES: Final = frozenset({f"{_CONFIG}.Read.All", f"{_CONFIG}.ReadWrite.All"})
WRITE_DEVICES: Final = frozenset({f"{_CONFIG}.ReadWrite.All"})
WRITE_RESOURCE_ACCOUNTS: Final = WRITE_DEVICES | {"DeviceManagementConfiguration.ReadWrite.All"}
READ_USERS: Final = frozenset({"User.Read.All", "User.ReadWrite.All", "Directory.Read.All"})
_GRAPH_AUDIENCES: Final = frozenset(
    {
        "00000003-0000-0000-c000-000000000000",
        "https://graph.microsoft.com",
        "https://graph.microsoft.us",
        "https://dod-graph.microsoft.us",
        "https://microsoftgraph.chinacloudapi.cn",
    },
)


@dataclass(frozen=True, slots=True)
class Grant:
    """The permissions of a caller; None: all of them."""

    roles: frozenset[str] | None

    def allows(self, any_of: frozenset[str]) -> bool:
        """Whether one of these permissions is granted."""
        return self.roles is None or not self.roles.isdisjoint(any_of)


class Access:
    """Accepts one given token with all permissions or, if none is given, the tokens of the emulated identity endpoint."""

    def __init__(self, clock: Clock, token: str | None) -> None:
        self._clock = clock
        self._token = token

    def grant(self, authorization: str, root: str) -> Grant | None:
        """What the `Authorization` header grants to a caller who reached us at this root; None: not a valid token for us."""
        scheme, _, text = authorization.partition(" ")
        if scheme.casefold() != "bearer":
            return None
        if self._token is not None:
            return Grant(None) if text == self._token else None
        token = tokens.Token.decode(text)
        if token is None or token.expires <= self._clock.now():
            return None
        return Grant(token.roles | token.scopes) if token.audience.rstrip("/") in _GRAPH_AUDIENCES | {root} else None
