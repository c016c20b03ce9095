"""The endpoint that Cloud Shell has: whoever opened the shell is the one whose token is given."""

from collections.abc import Iterator

import httpx
import pytest
from azure.identity import ManagedIdentityCredential

from emulators.identity import tokens
from emulators.identity.emulator import IdentityEmulator

RESOURCE = "https://graph.microsoft.com"


@pytest.fixture
def identity() -> Iterator[IdentityEmulator]:
    with IdentityEmulator(scopes=["User.Read"]) as emulator:
        yield emulator


def test_azure_identity_gets_a_persons_token(identity: IdentityEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_SECRET", "AZURE_CLIENT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in identity.cloud_shell_environment.items():
        monkeypatch.setenv(name, value)

    token = tokens.Token.decode(ManagedIdentityCredential().get_token(f"{RESOURCE}/.default").token)

    assert token is not None
    assert (token.audience, token.roles, token.scopes) == (RESOURCE, frozenset(), frozenset({"User.Read"}))


@pytest.mark.parametrize(
    ("headers", "form"),
    [({}, {"resource": RESOURCE}), ({"Metadata": "true"}, {})],
    ids=["without the header that a browser cannot send", "without a resource"],
)
def test_a_request_against_the_rules_is_400(
    identity: IdentityEmulator, headers: dict[str, str], form: dict[str, str]
) -> None:
    endpoint = identity.cloud_shell_environment["MSI_ENDPOINT"]

    assert httpx.post(endpoint, headers=headers, data=form).status_code == 400
