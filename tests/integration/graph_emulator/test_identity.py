from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ManagedIdentityCredential

from emulators.clock import ManualClock
from emulators.graph.faults import Delay, Effect, Garble, Hang, Reset, Status, When
from emulators.identity import tokens
from emulators.identity.emulator import IdentityEmulator

GOOD = {"api-version": "2019-08-01", "resource": "https://graph.microsoft.com"}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def identity() -> Iterator[IdentityEmulator]:
    with IdentityEmulator(clock=ManualClock(NOW), roles=["User.Read.All"]) as emulator:
        yield emulator


def ask(identity: IdentityEmulator, query: dict[str, str] = GOOD, timeout: float = 20) -> httpx.Response:
    headers = {"X-IDENTITY-HEADER": identity.header}
    return httpx.get(identity.endpoint, params=query, headers=headers, timeout=timeout)


def test_a_token_names_resource_roles_and_end(identity: IdentityEmulator) -> None:
    content = ask(identity, GOOD | {"client_id": "c1"}).json()

    expires = NOW + timedelta(hours=24)
    expected = tokens.Token(
        audience="https://graph.microsoft.com", roles=frozenset({"User.Read.All"}), expires=expires, client_id="c1"
    )
    assert tokens.Token.decode(content.pop("access_token")) == expected
    assert content == {
        "expires_on": str(int(expires.timestamp())),
        "resource": "https://graph.microsoft.com",
        "token_type": "Bearer",
        "client_id": "c1",
    }


@pytest.mark.parametrize(
    "query",
    [GOOD | {"api-version": "2017-09-01"}, GOOD | {"resource": ""}, {"api-version": "2019-08-01"}],
    ids=["another version", "empty resource", "no resource"],
)
def test_a_request_against_the_rules_is_400(identity: IdentityEmulator, query: dict[str, str]) -> None:
    answer = ask(identity, query)

    assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)


@pytest.mark.parametrize("headers", [{}, {"X-IDENTITY-HEADER": "guess"}], ids=["none", "wrong"])
def test_without_the_secret_there_is_no_token(identity: IdentityEmulator, headers: dict[str, str]) -> None:
    assert httpx.get(identity.endpoint, params=GOOD, headers=headers).status_code == 401


def test_what_it_does_not_know_is_501(identity: IdentityEmulator) -> None:
    answer = httpx.post(identity.endpoint, headers={"X-IDENTITY-HEADER": identity.header})

    assert answer.status_code == 501
    assert [call.unexpected for call in identity.calls] == [True]


def test_its_environment_is_what_azure_identity_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    with IdentityEmulator() as identity:
        for name, value in identity.environment.items():
            monkeypatch.setenv(name, value)

        with ManagedIdentityCredential(client_id="c1") as credential:
            token = credential.get_token("https://graph.microsoft.us/.default")

    decoded = tokens.Token.decode(token.token)
    assert decoded is not None
    assert (decoded.audience, decoded.client_id) == ("https://graph.microsoft.us", "c1")
    assert decoded.roles == {"DeviceManagementServiceConfig.ReadWrite.All"}
    assert token.expires_on == int(decoded.expires.timestamp())
    assert [call.query["resource"] for call in identity.calls] == ["https://graph.microsoft.us"]


@pytest.mark.parametrize(
    "effect",
    [Status(503, headers={"Retry-After": "3600"}), Status(400, body={"statusCode": 400, "message": "no identity"})],
    ids=["503", "400"],
)
def test_a_scripted_refusal_reaches_azure_identity(monkeypatch: pytest.MonkeyPatch, effect: Effect) -> None:
    with IdentityEmulator() as identity:
        identity.faults.add(When(), effect)
        for name, value in identity.environment.items():
            monkeypatch.setenv(name, value)

        credential = ManagedIdentityCredential(retry_total=0)
        with credential, pytest.raises((ClientAuthenticationError, HttpResponseError)):
            credential.get_token("https://graph.microsoft.com/.default")

    assert len(identity.calls) == 1


def test_faults_are_scripted_as_graphs(identity: IdentityEmulator) -> None:
    identity.faults.add(When(path="resource=https://graph", last=1), Status(503, headers={"Retry-After": "3600"}))
    identity.faults.add(When(first=2, last=2), Garble("truncated"))
    identity.faults.add(When(first=3, last=3), Delay(seconds=0.01))

    refused, garbled, late = ask(identity), ask(identity), ask(identity)

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "3600")
    assert not garbled.text.endswith("}")
    assert "access_token" in late.json()


def test_connections_break_as_graphs(identity: IdentityEmulator) -> None:
    identity.faults.add(When(last=1), Reset())
    identity.faults.add(When(first=2), Hang())

    with pytest.raises(httpx.ReadError, match="reset"):
        ask(identity)
    with pytest.raises(httpx.ReadTimeout):
        ask(identity, timeout=0.2)

    assert [call.status for call in identity.calls] == [None, None]
