"""Access tokens that look like Entra's and prove nothing: unsigned JSON Web Tokens. Knows no endpoint and no clock."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

TENANT_ID: Final = "7e8d0f4c-0000-4000-8000-000000000001"
CLIENT_ID: Final = "7e8d0f4c-0000-4000-8000-000000000002"
OBJECT_ID: Final = "7e8d0f4c-0000-4000-8000-000000000003"
DEFAULT_ROLES: Final = ("DeviceManagementServiceConfig.ReadWrite.All",)
PERSON_ID: Final = "7e8d0f4c-0000-4000-8000-000000000004"
DEFAULT_SCOPES: Final = ("Directory.AccessAsUser.All", "User.Read")
LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token says. `audience` is the resource that it was asked for, `roles` are its application permissions.

    One of a person has `scopes`, what they let the app do in their name, and no roles.
    """

    audience: str
    roles: frozenset[str]
    expires: datetime
    client_id: str = CLIENT_ID
    scopes: frozenset[str] = frozenset()

    def encode(self) -> str:
        """Three parts with dots between, as a JSON Web Token has them; the signature is a word."""
        issued = int((self.expires - LIFETIME).timestamp())
        claims = {
            "aud": self.audience,
            "iss": f"https://sts.windows.net/{TENANT_ID}/",
            "iat": issued,
            "nbf": issued,
            "exp": int(self.expires.timestamp()),
            "appid": self.client_id,
            "tid": TENANT_ID,
            **self._whose(),
        }
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}.unsigned"

    def _whose(self) -> dict[str, Any]:
        if self.scopes:
            return {"idtyp": "user", "oid": PERSON_ID, "scp": " ".join(sorted(self.scopes))}
        return {"idtyp": "app", "oid": OBJECT_ID, "roles": sorted(self.roles)}

    @classmethod
    def decode(cls, text: str) -> Self | None:
        """Read an encoded token; None if it isn't one."""
        try:
            _, payload, _ = text.split(".")
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            return cls(
                audience=claims["aud"],
                roles=frozenset(() if "scp" in claims else claims["roles"]),
                expires=datetime.fromtimestamp(claims["exp"], UTC),
                client_id=claims["appid"],
                scopes=frozenset(claims.get("scp", "").split()),
            )
        except (ValueError, KeyError, TypeError, binascii.Error):
            return None


def issue(audience: str, expires: datetime, roles: Iterable[str] = DEFAULT_ROLES) -> str:
    """An encoded token for that resource, with those application permissions."""
    return Token(audience=audience, roles=frozenset(roles), expires=expires).encode()


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()
