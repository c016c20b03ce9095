"""What the endpoint answers: the checks that App Service makes, and a token. Knows no HTTP server and no faults.

Source: learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference"
"""

from collections.abc import Mapping
from typing import Final

from emulators.clock import Clock
from emulators.graph.messages import Answer
from emulators.identity import tokens

PATH: Final = "/msi/token"
API_VERSION: Final = "2019-08-01"


class IdentityService:
    """Hands out tokens with the given roles for whatever resource is asked for."""

    def __init__(self, clock: Clock, header: str, roles: frozenset[str]) -> None:
        self._clock = clock
        self._header = header
        self._roles = roles

    def answer(self, method: str, path: str, query: Mapping[str, str], header: str | None) -> Answer:
        """A token, or the reason why not."""
        if method != "GET" or path != PATH:
            return _refusal(501, f"the emulator does not know this: {method} {path}")
        if header != self._header:
            return _refusal(401, "the X-IDENTITY-HEADER is missing or wrong")
        if query.get("api-version") != API_VERSION:
            return _refusal(400, f"api-version must be {API_VERSION}")
        resource = query.get("resource", "")
        if not resource:
            return _refusal(400, "resource is missing")
        expires = self._clock.now() + tokens.LIFETIME
        client_id = query.get("client_id", tokens.CLIENT_ID)
        token = tokens.Token(audience=resource, roles=self._roles, expires=expires, client_id=client_id)
        body = {
            "access_token": token.encode(),
            "expires_on": str(int(expires.timestamp())),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": client_id,
        }
        return Answer(status=200, body=body)


def _refusal(status: int, message: str) -> Answer:
    return Answer(status=status, body={"statusCode": status, "message": message}, unexpected=status == 501)
