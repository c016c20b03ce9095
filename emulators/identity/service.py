"""What the endpoint answers: the checks that App Service makes, or Cloud Shell, and a token. Knows no HTTP server and no faults.

Source: learn.microsoft.com/azure/app-service/overview-managed-identity, "REST endpoint reference";
learn.microsoft.com/azure/cloud-shell/msi-authorization
"""

from collections.abc import Mapping
from typing import Final

from emulators.clock import Clock
from emulators.graph.messages import Answer
from emulators.identity import tokens

PATH: Final = "/msi/token"
CLOUD_SHELL_PATH: Final = "/oauth2/token"
API_VERSION: Final = "2019-08-01"


class IdentityService:
    """Hands out tokens for any resource: an app's with the roles, or in Cloud Shell a person's with the scopes."""

    def __init__(self, clock: Clock, header: str, roles: frozenset[str], scopes: frozenset[str]) -> None:
        self._clock = clock
        self._header = header
        self._roles = roles
        self._scopes = scopes

    def answer_in_cloud_shell(self, form: Mapping[str, str], metadata: str | None) -> Answer:
        """The token of whoever opened the shell, or the reason why not."""
        if metadata != "true":
            return _refusal(400, "the header Metadata: true is missing")
        resource = form.get("resource", "")
        if not resource:
            return _refusal(400, "resource is missing")
        return self._token(resource, tokens.CLIENT_ID, roles=frozenset(), scopes=self._scopes)

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
        client_id = query.get("client_id", tokens.CLIENT_ID)
        return self._token(resource, client_id, roles=self._roles, scopes=frozenset())

    def _token(self, resource: str, client_id: str, *, roles: frozenset[str], scopes: frozenset[str]) -> Answer:
        expires = self._clock.now() + tokens.LIFETIME
        token = tokens.Token(audience=resource, roles=roles, expires=expires, client_id=client_id, scopes=scopes)
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
