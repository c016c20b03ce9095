"""Who we are to Graph: the token that the sign-in gives, and what it says of itself. The token is never shown.

A token for Graph is, in form, Graph's own affair; that its claims can be read is how Entra has long issued them.
Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Self

import jwt
from azure.core.exceptions import AzureError

from cli.doctor import findings
from cli.doctor.findings import Finding

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

DEADLINE: Final = timedelta(seconds=20)
_CHECK: Final = "identity"
_MEND: Final = (
    "sign in with az login, set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET, "
    "or run where there is a managed identity"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token says. `roles` are an app's application permissions, `scopes` what a person let an app do."""

    object_id: str
    app_id: str
    tenant_id: str
    roles: frozenset[str]
    scopes: frozenset[str]
    issued_at: datetime | None

    @property
    def of_a_person(self) -> bool:
        """Whether somebody signed in themselves: such a token has scopes, and an app's has none."""
        return bool(self.scopes)

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Self:
        """The claims of a token's content; what is missing is empty."""
        issued, roles = content.get("iat"), content.get("roles")
        return cls(
            object_id=str(content.get("oid") or "unknown"),
            app_id=str(content.get("appid") or content.get("azp") or "unknown"),
            tenant_id=str(content.get("tid") or "unknown"),
            roles=frozenset(map(str, roles)) if isinstance(roles, list) else frozenset(),
            scopes=frozenset(str(content.get("scp") or "").split()),
            issued_at=datetime.fromtimestamp(issued, UTC) if isinstance(issued, int | float) else None,
        )


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What came of signing in; without a token there are no claims."""

    finding: Finding
    token: "AccessToken | None" = None
    claims: Claims | None = None


async def check(sign_in: "Callable[[], AsyncTokenCredential]", scope: str) -> SignedIn:
    """Ask for a token for Graph."""
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()), sign_in() as credential:
            token = await credential.get_token(scope)
    except (AzureError, TimeoutError, ValueError, LookupError, TypeError, AttributeError) as error:
        return SignedIn(findings.fail(_CHECK, f"no token for Graph: {type(error).__name__}", _MEND, basic=True))
    try:
        claims = Claims.of(jwt.decode(token.token, options={"verify_signature": False}))
    except jwt.PyJWTError:
        text = "the token cannot be read, so its rights are not checked"
        return SignedIn(findings.warn(_CHECK, text, "see which application permissions it has in Entra"), token)
    return SignedIn(_who(claims), token, claims)


def _who(claims: Claims) -> Finding:
    if not claims.of_a_person:
        text = f"application {claims.app_id} (object {claims.object_id}) of tenant {claims.tenant_id}"
        return findings.ok(_CHECK, text)
    return findings.warn(
        _CHECK,
        f"a person (object {claims.object_id}), through application {claims.app_id}, of tenant {claims.tenant_id}",
        "what follows is about your own rights; sign in as the app to check its",
    )
