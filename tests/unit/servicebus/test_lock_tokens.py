import uuid

import pytest

from shared.servicebus import lock_tokens

TOKEN = uuid.UUID("9b3d5a2e-0000-4000-8000-00000000beef")


@pytest.mark.parametrize("text", [str(TOKEN), str(TOKEN).upper(), TOKEN.hex])
def test_a_token_is_read_in_any_of_its_spellings(text: str) -> None:
    assert lock_tokens.parse(text) == TOKEN


@pytest.mark.parametrize("text", ["", " ", "secret", "0" * 33, "{}", "\0"])
def test_anything_else_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^the lock token is not a UUID$") as caught:
        lock_tokens.parse(text)

    assert caught.value.__cause__ is None


def test_each_message_made_from_a_token_is_a_new_one_since_the_sdk_settles_one_object_once() -> None:
    assert lock_tokens.rehydrate(TOKEN) is not lock_tokens.rehydrate(TOKEN)
