"""What each status means, and what an error's text may say."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.errors import (
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphThrottled,
    GraphUnavailable,
    TransientError,
    UnassignmentError,
)
from shared.graph import errors
from shared.graph.response import Response

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TRANSIENT = {408, *range(500, 600)}
INTUNE = (
    '{\r\n "_version": 3, "Message": "An error has occurred - Activity ID: 3f2a9a2e-7d3c-4c1e-9b1a-0a6c5d4e3f21'
    ' - Url: https://fef.msub01.manage.microsoft.com/x/alice@contoso.example", "RetryAfter": %s}'
)


def answer(status: int, content: Any = None, headers: Mapping[str, str] | None = None) -> Response:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Response(status, headers or {}, body)


def graph_error(**error: Any) -> dict[str, Any]:
    return {"error": error}


def expected(status: int) -> type[UnassignmentError]:
    if status in {401, 403}:
        return GraphPermissionDenied
    if status == 429:
        return GraphThrottled
    return GraphRequestRejected if 400 <= status < 500 and status != 408 else GraphUnavailable


@pytest.mark.parametrize("status", range(200, 300))
def test_every_2xx_is_accepted(status: int) -> None:
    errors.raise_for(answer(status), now=NOW)


@pytest.mark.parametrize("status", [*range(100, 200), *range(300, 600)])
def test_every_other_status_is_one_of_our_errors(status: int) -> None:
    with pytest.raises(UnassignmentError) as raised:
        errors.raise_for(answer(status), now=NOW)

    assert type(raised.value) is expected(status)
    assert str(status) in str(raised.value)


@pytest.mark.parametrize("status", [429, 503, 500, 408])
def test_the_wait_that_graph_asks_for_is_kept(status: int) -> None:
    with pytest.raises(TransientError) as raised:
        errors.raise_for(answer(status, headers={"retry-after": "17"}), now=NOW)

    assert raised.value.retry_after == timedelta(seconds=17)


@pytest.mark.parametrize(
    ("asked", "seconds"), [("30", 30), ('"30"', 30), ("2.1", 3), ("null", None), ("true", None), ("[30]", None)]
)
def test_without_a_header_the_wait_in_intunes_message_counts(asked: str, seconds: int | None) -> None:
    response = answer(429, graph_error(code="TooManyRequests", message=INTUNE % asked))

    assert errors.wait(response, now=NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_a_header_goes_before_the_message() -> None:
    response = answer(429, graph_error(message=INTUNE % "30"), {"retry-after": "5"})

    assert errors.wait(response, now=NOW) == timedelta(seconds=5)


def test_the_text_names_code_request_and_activity_and_nothing_else() -> None:
    inner = {"request-id": "0b1c2d3e-1111-2222-3333-444455556666"}
    response = answer(400, graph_error(code="BadRequest", message=INTUNE % "null", innerError=inner))

    assert errors.describe(response) == (
        "graph answered 400, BadRequest, request 0b1c2d3e-1111-2222-3333-444455556666, "
        "activity 3f2a9a2e-7d3c-4c1e-9b1a-0a6c5d4e3f21"
    )


def test_the_request_id_of_the_header_is_preferred() -> None:
    response = answer(400, graph_error(innerError={"request-id": "inner"}), {"request-id": "outer"})

    assert errors.describe(response) == "graph answered 400, request outer"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"<html>alice@contoso.example</html>",
        b'{"error": {"code": "alice@contoso.example',
        b"[" * 100_000,
        graph_error(code="TooManyRequests", message=INTUNE % "30" + " " * errors.MAX_BYTES),
        ["alice@contoso.example"],
        {"error": "alice@contoso.example"},
        graph_error(code="no user alice@contoso.example", message="alice@contoso.example"),
        graph_error(code="A" * 65, message=7, innerError={"request-id": "alice@contoso.example"}),
        graph_error(code=None, message="[1]", innerError=["alice@contoso.example"]),
    ],
)
def test_a_body_of_any_kind_leaves_no_trace_in_the_text(content: Any) -> None:
    with pytest.raises(GraphThrottled) as raised:
        errors.raise_for(answer(429, content), now=NOW)

    assert str(raised.value) == "graph answered 429"
    assert raised.value.retry_after is None


@pytest.mark.parametrize("content", [b"", b" \r\n", graph_error(code="ResourceNotFound", message="")])
def test_a_404_of_graphs_means_that_there_is_none(content: Any) -> None:
    assert errors.found(answer(404, content), now=NOW) is False


@pytest.mark.parametrize("content", [b"<html>Not Found</html>", {"detail": "Not Found"}, []])
def test_a_404_of_something_else_says_nothing(content: Any) -> None:
    with pytest.raises(GraphUnavailable, match="not graph"):
        errors.found(answer(404, content), now=NOW)


def test_whatever_is_no_404_was_found_or_is_an_error() -> None:
    assert errors.found(answer(200, {}), now=NOW) is True
    with pytest.raises(GraphPermissionDenied):
        errors.found(answer(403), now=NOW)
