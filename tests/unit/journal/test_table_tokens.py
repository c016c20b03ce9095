"""The tokens for storage: for nothing else, asked for once, whoever gives up."""

import asyncio
from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken

from shared.journal.table_tokens import PATIENCE, StorageTokens
from tests import virtual_time


class Credential:
    """Remembers what it was asked for; takes `seconds` to answer, and fails once if told to."""

    def __init__(self, *, seconds: float = 0, fails: bool = False) -> None:
        self.asked: list[tuple[tuple[str, ...], dict[str, Any]]] = []
        self.closed = False
        self._seconds = seconds
        self._fails = fails

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.asked.append((scopes, options))
        await asyncio.sleep(self._seconds)
        if self._fails:
            self._fails = False
            raise ValueError("no token today")
        return AccessToken("eyJ0b2tlbi0x.e30.dG9r", 2**40)

    async def close(self) -> None:
        self.closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


async def test_rule_10_whatever_a_401_names_the_service_gets_a_token_for_storage_only() -> None:
    credential = Credential()

    await StorageTokens(credential).get_token("https://graph.microsoft.com/.default", tenant_id="another")

    assert credential.asked == [(("https://storage.azure.com/.default",), {})]


def test_a_caller_that_gives_up_leaves_its_request_to_the_next() -> None:
    async def ask() -> None:
        credential = Credential(seconds=5)
        tokens = StorageTokens(credential)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(2):
                    await tokens.get_token()

        assert (await tokens.get_token()).token == "eyJ0b2tlbi0x.e30.dG9r"
        assert len(credential.asked) == 1

    virtual_time.run(ask())


def test_many_who_ask_at_once_ask_once() -> None:
    async def ask() -> None:
        credential = Credential(seconds=1)
        tokens = StorageTokens(credential)

        await asyncio.gather(*(tokens.get_token() for _ in range(10)))

        assert len(credential.asked) == 1

    virtual_time.run(ask())


async def test_after_a_failure_the_credential_is_asked_again() -> None:
    tokens = StorageTokens(Credential(fails=True))
    with pytest.raises(ValueError, match="no token"):
        await tokens.get_token()

    assert (await tokens.get_token()).token == "eyJ0b2tlbi0x.e30.dG9r"


def test_rule_11_an_endpoint_that_never_answers_is_given_up() -> None:
    async def ask() -> None:
        with pytest.raises(TimeoutError):
            await StorageTokens(Credential(seconds=3600)).get_token()
        assert asyncio.get_running_loop().time() == PATIENCE.total_seconds() <= 20

    virtual_time.run(ask())


def test_closing_ends_the_request_and_closes_the_credential() -> None:
    async def close() -> None:
        credential = Credential(seconds=10)
        tokens = StorageTokens(credential)
        waiting = asyncio.ensure_future(tokens.get_token())
        await asyncio.sleep(1)

        await tokens.close()

        await asyncio.wait([waiting])
        assert waiting.cancelled()
        assert asyncio.get_running_loop().time() == 1
        assert credential.closed

    virtual_time.run(close())
