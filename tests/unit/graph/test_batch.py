"""The JSON of a batch, and what its answers are taken for."""

import json
from typing import Any

import pytest

from shared.domain.errors import GraphUnavailable
from shared.graph import batch
from shared.graph.batch import Item
from shared.graph.response import Response


def whole(*responses: Any) -> Response:
    return Response(200, {}, json.dumps({"responses": list(responses)}).encode())


def ok(item: str, **fields: Any) -> dict[str, Any]:
    return {"id": item, "status": 200, "headers": {}, "body": {"id": f"d{item}"}, **fields}


def test_each_item_has_an_id_a_method_and_a_url_without_the_version() -> None:
    asked = json.loads(batch.body([Item("GET", "/deviceManagement/x"), Item("POST", "/deviceManagement/y/act")]))

    assert [(each["id"], each["method"], each["url"]) for each in asked["requests"]] == [
        ("1", "GET", "/deviceManagement/x"),
        ("2", "POST", "/deviceManagement/y/act"),
    ]


def test_a_post_has_an_empty_body_and_its_content_type_and_a_get_has_neither() -> None:
    read, write = json.loads(batch.body([Item("GET", "/x"), Item("POST", "/y")]))["requests"]

    assert "body" not in read
    assert "Content-Type" not in read["headers"]
    assert (write["body"], write["headers"]["Content-Type"]) == ({}, "application/json")


def test_answers_are_found_by_id_in_whatever_order_they_come() -> None:
    answers = batch.answers(whole(ok("3"), ok("1"), ok("2")), 3)

    assert [answer.json()["id"] for answer in answers if isinstance(answer, Response)] == ["d1", "d2", "d3"]


def test_an_item_keeps_its_own_status_and_its_headers_in_lower_case() -> None:
    throttled = {"id": "2", "status": 429, "headers": {"Retry-After": "7"}}

    first, second = batch.answers(whole(ok("1"), throttled), 2)

    assert isinstance(first, Response)
    assert first.status == 200
    assert second == Response(429, {"retry-after": "7"}, b"")


@pytest.mark.parametrize(
    "responses",
    [
        pytest.param([ok("1")], id="missing"),
        pytest.param([ok("1"), ok("2"), ok("2")], id="twice"),
        pytest.param([ok("1"), ok("2", status="200")], id="no status"),
        pytest.param([ok("1"), ok("2", status=True)], id="a status that is none"),
        pytest.param([ok("1"), ok("2", status=200.0)], id="a status that is no whole number"),
        pytest.param([ok("1"), ok("2", status=99)], id="a status below all"),
        pytest.param([ok("1"), ok("2", status=600)], id="a status above all"),
        pytest.param([ok("1"), None, [], {"status": 200}], id="no id"),
        pytest.param([ok("1"), {**ok("2"), "id": ["2"]}], id="an id that is none"),
    ],
)
def test_an_item_that_is_not_answered_once_is_unknown_and_its_neighbour_is_not(responses: list[Any]) -> None:
    first, second = batch.answers(whole(*responses), 2)

    assert isinstance(first, Response)
    assert isinstance(second, GraphUnavailable)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"responses": {}}', b'{"responses": [{"id":'])
def test_what_is_no_answer_to_a_batch_answers_nobody(content: bytes) -> None:
    with pytest.raises(GraphUnavailable):
        batch.answers(Response(200, {}, content), 2)


@pytest.mark.parametrize("content", ["<html>", 7, ["x"]])
def test_a_body_that_is_no_object_is_no_record(content: Any) -> None:
    (answer,) = batch.answers(whole(ok("1", body=content)), 1)

    assert isinstance(answer, Response)
    assert answer.json_or_none() is None


def test_a_header_of_an_item_that_is_no_word_is_none() -> None:
    headers = {"Retry-After": ["7"], "request-id": {}, "age": 7}

    (answer,) = batch.answers(whole(ok("1", headers=headers)), 1)

    assert isinstance(answer, Response)
    assert answer.headers == {"age": "7"}


@pytest.mark.parametrize("headers", [None, [], "Retry-After: 7", 7], ids=repr)
def test_headers_of_an_item_that_are_no_object_are_none(headers: object) -> None:
    (answer,) = batch.answers(whole(ok("1", headers=headers)), 1)

    assert isinstance(answer, Response)
    assert (answer.status, answer.headers) == (200, {})
