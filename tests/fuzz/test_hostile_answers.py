"""Hostile answers of Graph's, from the kept corpus and from seeds, read alone and over a socket: counted, not timed."""

import asyncio

import pytest

from shared.domain.errors import GraphUnavailable
from shared.graph import reading
from shared.graph.clouds import Cloud
from shared.graph.response import Response
from tests.fuzz import answers, campaign, kept, messages, mutating

CORPUS = kept.corpus("answers")
COUNT = 300


def test_every_kept_answer_keeps_what_is_claimed() -> None:
    ends = messages.counted([answers.check(data) for data in CORPUS])

    assert ends["value"] >= 15
    assert ends["refused"] >= 40


def test_every_variant_keeps_what_is_claimed() -> None:
    ends = messages.counted([answers.check(mutating.variant(CORPUS, seed)) for seed in range(6 * COUNT)])

    assert sum(ends.values()) == 6 * COUNT
    assert min(ends["value"], ends["refused"]) > COUNT // 2, "they no longer get far in"


def test_rule_10_no_exception_escapes_the_adapters_and_no_request_goes_to_another_host() -> None:
    report = asyncio.run(campaign.answers(range(COUNT)))

    assert report.broken == []
    assert report.count == COUNT
    assert set(report.ends) == {
        "value",
        "GraphUnavailable",
        "GraphThrottled",
        "GraphPermissionDenied",
        "GraphRequestRejected",
    }
    assert report.ends["value"] > 20


def test_rule_1_a_message_before_any_answer_is_completed_dead_lettered_or_a_copy_waits() -> None:
    report = asyncio.run(campaign.deliveries(range(COUNT)))

    assert report.broken == []
    assert report.count == COUNT
    assert {"completed", "put off", "GraphRequestRejected", "GraphPermissionDenied"} <= set(report.ends)
    assert report.ends["completed"] > 5


def test_a_message_that_an_answer_leaves_unsettled_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def tripping(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(reading, "device", tripping)
    place = CORPUS.index((kept.FOLDER / "answers" / "device").read_bytes())

    report = asyncio.run(campaign.deliveries([place]))

    assert report.broken == [f"deliveries {place}: AssertionError: an exception escaped: Abandon()"]


def test_a_text_that_quotes_the_answer_would_be_noticed() -> None:
    with pytest.raises(AssertionError, match="quotes the answer"):
        answers.refused(GraphUnavailable(f"no such user: {kept.SECRET}"))


def test_a_link_that_leads_away_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "holds", lambda *_: True)
    astray = Response(
        200, {}, b'{"value": [], "@odata.nextLink": "https://graph.microsoft.com@attacker.example/v1.0/x"}'
    )

    with pytest.raises(AssertionError, match="another host"):
        answers.KINDS["page"](astray)


def test_a_request_to_another_host_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "holds", lambda *_: True)
    place = next(seed for seed, data in enumerate(CORPUS) if b'"@odata.nextLink": "{elsewhere}' in data)

    report = asyncio.run(campaign.answers([place]))

    assert report.broken == [f"answers {place}: AssertionError: a request went to another host"]


def test_a_connection_to_another_host_would_be_noticed_whoever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "holds", lambda *_: True)
    place = next(seed for seed, data in enumerate(CORPUS) if b'"{home}@attacker.example' in data)

    report = asyncio.run(campaign.answers([place]))

    assert report.broken == [f"answers {place}: AssertionError: another host was tried"]
