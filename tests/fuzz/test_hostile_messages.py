"""Hostile messages, from the kept corpus and from seeds: counted, not timed. `make fuzz` plays ten thousand, and times them."""

import asyncio
import logging

import pytest

from shared.domain.errors import InvalidMessage
from tests.fuzz import campaign, kept, messages, mutating

CORPUS = kept.corpus("messages")
COUNT = 600


def test_every_kept_message_keeps_what_is_claimed() -> None:
    ends = messages.counted([messages.check(data) for data in CORPUS])

    assert ends["event"] >= 20
    assert ends["refused"] >= 30


def test_every_variant_keeps_what_is_claimed() -> None:
    ends = messages.counted([messages.check(mutating.variant(CORPUS, seed)) for seed in range(4 * COUNT)])

    assert sum(ends.values()) == 4 * COUNT
    assert ends["event"] > COUNT // 6, "they no longer get far in"


def test_no_exception_escapes_the_processor_and_no_message_is_lost() -> None:
    report = asyncio.run(campaign.messages(range(COUNT)))

    assert report.broken == []
    assert report.count == COUNT
    assert report.ends["InvalidMessage"] > COUNT // 4
    assert report.ends["completed"] > 20


def test_a_seed_always_gives_the_same_variant_and_seeds_differ() -> None:
    variants = [mutating.variant(CORPUS, seed) for seed in range(200)]

    assert variants == [mutating.variant(CORPUS, seed) for seed in range(200)]
    assert variants[: len(CORPUS)] == CORPUS
    assert len(set(variants)) > 190


def test_a_text_that_quotes_the_message_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def quoting(*_: object) -> object:
        raise InvalidMessage("$", f"{kept.SECRET} is no user")

    monkeypatch.setattr(messages, "decoder", lambda _: quoting)

    with pytest.raises(AssertionError, match="quotes the message"):
        messages.check(CORPUS[0])


def test_an_exception_that_escapes_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def tripping(*_: object) -> object:
        raise RecursionError

    monkeypatch.setattr(messages, "decoder", lambda _: tripping)

    report = asyncio.run(campaign.messages([0]))

    assert report.broken == ["messages 0: AssertionError: an exception escaped: Abandon()"]


def test_a_name_in_a_log_line_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def telling(*_: object) -> object:
        logging.getLogger("shared.planted").info("no such user: %s", kept.SECRET)
        raise InvalidMessage("$", "no such user")

    monkeypatch.setattr(messages, "decoder", lambda _: telling)

    report = asyncio.run(campaign.messages([0]))

    assert report.broken == [
        "messages 0: personal things were logged: shared.planted: somebody's name ('no such user: %s')"
    ]
