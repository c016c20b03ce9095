"""Journal rows as entities: their keys within the service's rules, each event's its own; long texts in pieces."""

import random
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identifiers import EventId
from shared.journal import table_entities
from shared.journal.rows import UnreadableRow
from tests.contract.journal_contract import NOON, a_conclusion, an_entry


@pytest.mark.parametrize(
    ("event_id", "partition"),
    [
        ("HR-1041", "event-HR-1041"),
        ("b9f1.2_x", "event-b9f1.2_x"),
        ("", "event-"),
        ("a b/c", "event-a~20b~2Fc"),
        ("~", "event-~7E"),
        ("ä", "event-~C3~A4"),
        ("\ud800", "event-~ED~A0~80"),
    ],
)
def test_an_event_id_can_be_read_in_its_partition(event_id: str, partition: str) -> None:
    assert table_entities.partition(EventId(event_id)) == partition


@given(st.text(), st.text())
def test_no_two_events_share_a_partition(left: str, right: str) -> None:
    partitions = {table_entities.partition(EventId(event_id)) for event_id in (left, right)}

    assert len(partitions) == len({left, right})


def test_long_ids_that_differ_at_the_end_are_told_apart() -> None:
    left, right = (table_entities.partition(EventId("x" * 3000 + end)) for end in "ab")

    assert left != right
    assert left.startswith("event-xxx")


@given(st.text(max_size=400), st.text(max_size=400))
def test_keys_keep_to_what_the_service_allows(event_id: str, fingerprint: str) -> None:
    conclusion = replace(a_conclusion(event_id=EventId(event_id)), fingerprint=fingerprint)

    entity = table_entities.of_conclusion(conclusion, 1)

    for key in (entity["PartitionKey"], entity["RowKey"]):
        assert re.fullmatch(r"[A-Za-z0-9._~-]{1,400}", key)


def test_rows_are_put_in_order_whatever_their_keys() -> None:
    late, early = table_entities.of_entry(an_entry(), 10**16, "a"), table_entities.of_entry(an_entry(), 9, "b")
    concluded = table_entities.of_conclusion(a_conclusion(), 10)

    assert list(table_entities.in_order([late, concluded, early])) == [early, concluded, late]


def test_the_order_is_microseconds_and_loses_none() -> None:
    assert table_entities.order_at(datetime(1970, 1, 2, tzinfo=UTC)) == 86_400_000_000
    assert table_entities.order_at(NOON) % 1_000_000 == 250


@pytest.mark.parametrize("length", [10, 31_000, 33_000, 400_000])
def test_a_text_of_any_length_survives_within_the_limits_of_an_entity(length: int) -> None:
    draw = random.Random(length)
    document = "".join(draw.choices([chr(n) for n in range(32, 127)] + ["ü", "ж"], k=length))  # packs badly

    entity = table_entities.of_conclusion(a_conclusion(document), 1)

    assert list(table_entities.conclusions([entity])) == [a_conclusion(document)]
    sizes = [len(value) * 2 if isinstance(value, str) else len(value) for value in entity.values()]
    assert max(sizes) <= 64 * 1024
    assert sum(sizes) <= 1024 * 1024


def test_a_row_that_lost_a_piece_is_not_taken_for_whole() -> None:
    draw = random.Random(7)
    entity = dict(table_entities.of_conclusion(a_conclusion("".join(draw.choices("abcdefgh0123", k=400_000))), 1))
    del entity["packed1"]

    with pytest.raises(UnreadableRow):
        list(table_entities.conclusions([entity]))
