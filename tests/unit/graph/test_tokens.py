"""How tokens are asked for, bounded, renewed and kept."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.identity import CredentialUnavailableError

from emulators.clock import ManualClock
from shared.domain.errors import TokenUnavailable
from shared.graph.tokens import Tokens

NOW = datetime(2026, 11, 22, tzinfo=UTC)
Answer = Callable[[], Awaitable[str]]


class Issuer:
    """Makes credentials whose tokens last an hour; each credential keeps its first token, as azure-identity's do."""

    def __init__(self, patience: timedelta = timedelta(seconds=30)) -> None:
        self.clock = ManualClock(NOW)
        self.made: list[FakeCredential] = []
        self.asked = 0
        self.begins = asyncio.Event()
        self.answer: Answer = self.next_token
        self.tokens = Tokens(self.make, self.clock, patience)

    def make(self) -> "FakeCredential":
        self.made.append(FakeCredential(self))
        return self.made[-1]

    async def next_token(self) -> str:
        return f"eyJhdG9rZW4tbi0{self.asked}"

    async def get(self) -> str:
        return (await self.tokens.get_token("scope")).token


class FakeCredential:
    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.kept: AccessToken | None = None
        self.closed = False
        self.options: dict[str, Any] = {}

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        assert not self.closed
        assert scopes == ("scope",)
        self.options = options
        if self.kept is None:
            self.issuer.asked += 1
            self.issuer.begins.set()
            token = await self.issuer.answer()
            self.kept = AccessToken(token, int((self.issuer.clock.now() + timedelta(hours=1)).timestamp()))
        return self.kept

    async def close(self) -> None:
        self.closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def failing(error: Exception) -> Answer:
    async def answer() -> str:
        raise error

    return answer


async def hanging() -> str:
    await asyncio.Event().wait()
    raise AssertionError


async def test_the_credential_is_made_at_the_first_call() -> None:
    issuer = Issuer()
    assert issuer.made == []
    assert await issuer.get() == "eyJhdG9rZW4tbi01"
    assert await issuer.get() == "eyJhdG9rZW4tbi01"
    assert len(issuer.made) == 1


async def test_many_callers_ask_one_at_a_time() -> None:
    issuer = Issuer()

    assert set(await asyncio.gather(*(issuer.get() for _ in range(50)))) == {"eyJhdG9rZW4tbi01"}
    assert issuer.asked == 1


async def test_claims_are_handed_through() -> None:
    issuer = Issuer()

    await issuer.tokens.get_token("scope", claims="{}", enable_cae=True)

    assert issuer.made[0].options == {"claims": "{}", "tenant_id": None, "enable_cae": True}


async def test_a_refused_token_is_replaced_and_its_credential_closed() -> None:
    issuer = Issuer()
    issuer.tokens.refuse(await issuer.get())

    assert await asyncio.gather(*(issuer.get() for _ in range(5))) == ["eyJhdG9rZW4tbi02"] * 5
    assert [credential.closed for credential in issuer.made] == [True, False]


@pytest.mark.parametrize(
    "error",
    [
        ClientAuthenticationError("alice@contoso.example"),
        CredentialUnavailableError("alice@contoso.example"),
        ServiceRequestError("alice@contoso.example"),
        ValueError("alice@contoso.example"),
        KeyError("alice@contoso.example"),
        TypeError("alice@contoso.example"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_a_credential_that_fails_gives_no_token_and_no_text(error: Exception) -> None:
    issuer = Issuer()
    issuer.answer = failing(error)

    with pytest.raises(TokenUnavailable) as raised:
        await issuer.get()
    assert str(raised.value) == f"no token: {type(error).__name__}"
    assert raised.value.retry_after is None


async def test_the_wait_that_the_endpoint_asks_for_is_kept() -> None:
    issuer = Issuer()
    error = HttpResponseError("too many requests")
    error.response = SimpleNamespace(headers={"Retry-After": "7"})
    issuer.answer = failing(error)

    with pytest.raises(TokenUnavailable) as raised:
        await issuer.get()
    assert raised.value.retry_after == timedelta(seconds=7)


async def test_rule_11_an_endpoint_that_hangs_is_given_up() -> None:
    issuer = Issuer(patience=timedelta(milliseconds=20))
    issuer.answer = hanging

    with pytest.raises(TokenUnavailable, match="TimeoutError"):
        await issuer.get()


@pytest.mark.parametrize("answer", [hanging, failing(ServiceRequestError("no route"))], ids=["hangs", "fails"])
async def test_a_valid_token_outlasts_an_endpoint_out_of_reach(answer: Answer) -> None:
    issuer = Issuer(patience=timedelta(milliseconds=20))
    await issuer.get()
    issuer.made[0].kept = None
    issuer.answer = answer

    issuer.clock.advance(timedelta(minutes=58))
    assert await issuer.get() == "eyJhdG9rZW4tbi01"
    issuer.clock.advance(timedelta(minutes=1))
    with pytest.raises(TokenUnavailable):
        await issuer.get()


async def test_a_refused_token_does_not() -> None:
    issuer = Issuer()
    issuer.tokens.refuse(await issuer.get())
    issuer.answer = failing(ServiceRequestError("no route"))

    with pytest.raises(TokenUnavailable):
        await issuer.get()


async def test_a_caller_who_gives_up_makes_way_for_the_next() -> None:
    issuer = Issuer()
    issuer.answer = hanging
    first = asyncio.create_task(issuer.get())
    await issuer.begins.wait()
    issuer.answer = issuer.next_token

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first

    assert await issuer.get() == "eyJhdG9rZW4tbi02"


async def test_closing_closes_the_credential_once() -> None:
    issuer = Issuer()
    async with issuer.tokens:
        await issuer.get()
    await issuer.tokens.close()

    assert issuer.made[0].closed
    assert await issuer.get() == "eyJhdG9rZW4tbi02"
