from datetime import UTC, datetime

import pytest

from emulators.identity import tokens

TOKEN = tokens.Token(
    audience="https://graph.microsoft.com",
    roles=frozenset({"User.Read.All"}),
    expires=datetime(2026, 11, 1, tzinfo=UTC),
    client_id="c1",
)


def test_a_token_is_read_as_it_was_written() -> None:
    assert tokens.Token.decode(TOKEN.encode()) == TOKEN


def test_a_token_looks_like_a_json_web_token() -> None:
    assert TOKEN.encode().count(".") == 2
    assert TOKEN.encode().startswith("eyJ")


@pytest.mark.parametrize("text", ["", "opaque", "a.b.c", "a.b.c.d", "e30.e30.e30", "e30.W10.e30", "é.é.é"])
def test_anything_else_is_no_token(text: str) -> None:
    assert tokens.Token.decode(text) is None
