"""Message ids: as they are while the broker takes them, and else cut to what it takes."""

import hashlib

import pytest

from shared.messaging import message_ids
from shared.messaging.message_ids import MESSAGE_ID_LIMIT


def test_the_longest_id_that_the_broker_takes_is_left_as_it_is() -> None:
    longest = "m" * MESSAGE_ID_LIMIT

    assert message_ids.bounded_message_id(longest) == longest


@pytest.mark.parametrize("more", ["m", "\ud800"], ids=["a letter", "half a surrogate pair"])
def test_a_longer_one_is_cut_to_the_limit_and_ends_in_a_hash_of_the_whole(more: str) -> None:
    longer = "m" * MESSAGE_ID_LIMIT + more

    bounded = message_ids.bounded_message_id(longer)

    digest = hashlib.sha256(longer.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    assert bounded == "m" * (MESSAGE_ID_LIMIT - 33) + "~" + digest
    assert len(bounded) == MESSAGE_ID_LIMIT
