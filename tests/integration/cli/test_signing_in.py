"""A person's credential: whose it is, and whom its secrets reach."""

from collections.abc import Iterator

import pytest

from cli import signing_in
from emulators.identity.emulator import IdentityEmulator

SCOPE = "https://graph.microsoft.com/.default"


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityEmulator]:
    monkeypatch.delenv("AZURE_CLIENT_ID", raising=False)
    with IdentityEmulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.mark.parametrize("client_id", ["", "7e8d0f4c-0000-4000-8000-0000000000c2"], ids=["the app's", "another"])
async def test_the_managed_identity_is_the_one_that_is_named(identity: IdentityEmulator, client_id: str) -> None:
    async with signing_in.signed_in_with(client_id)() as credential:
        await credential.get_token(SCOPE)

    assert [call.query.get("client_id", "") for call in identity.calls] == [client_id]


@pytest.mark.parametrize("client_id", ["", "7e8d0f4c-0000-4000-8000-0000000000c2"], ids=["the app's", "another"])
async def test_rule_10_no_proxy_of_the_environment_sees_the_secret_of_the_identity_endpoint(
    identity: IdentityEmulator, monkeypatch: pytest.MonkeyPatch, client_id: str
) -> None:
    with IdentityEmulator() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        async with signing_in.signed_in_with(client_id)() as credential:
            await credential.get_token(SCOPE)

        assert (len(identity.calls), len(proxy.calls)) == (1, 0)
