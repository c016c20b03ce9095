import pytest

from cli.dlq import explaining
from shared.messaging.dead_letters import Reason


@pytest.mark.parametrize(
    "reason", [*(reason.value for reason in Reason), "MaxDeliveryCountExceeded", "TTLExpiredException"]
)
def test_each_reason_is_explained_from_its_row(reason: str) -> None:
    row = explaining.row(reason)

    assert all((row.meaning, row.what_to_do, row.safe_to_replay))
    assert not {"`", "|"} & set(row.meaning + row.what_to_do + row.safe_to_replay)
    assert row.what_to_do != "The same."


def test_a_reason_that_nobody_knows_has_an_empty_row() -> None:
    assert explaining.row("Whatever") == explaining.Row()
