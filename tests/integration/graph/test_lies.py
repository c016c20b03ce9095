"""Answers that lie, from a server below the level of HTTP libraries: an outage each, soon, and with little memory."""

import asyncio
import gzip
import json
import tracemalloc
from datetime import timedelta

import pytest

from shared.domain.errors import GraphThrottled, GraphUnavailable, UnassignmentError
from shared.domain.identifiers import AutopilotDeviceId
from shared.graph.connection import MAX_BODY_BYTES
from shared.graph.retry_after import LONGEST
from tests.fuzz.asking import ASKED, Asking
from tests.fuzz.lying import LyingGraph
from tests.integration.graph.conftest import Serve, Start

D1 = AutopilotDeviceId("d-1")


def said(status: int, body: object, *headers: str, kind: str = "device") -> bytes:
    """An answer, in the form of the kept ones."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"\n--\n".join([f"{kind} {status}".encode(), "\n".join(headers).encode(), content])


async def end(answer: bytes, question: str = "") -> str:
    async with LyingGraph() as graph, Asking(graph) as asking:
        return (await asking.ask(answer, question)).end


async def test_a_bomb_that_was_packed_twice_fills_no_memory() -> None:
    once = gzip.compress(b"0" * 50_000_000)
    bomb = gzip.compress(once)
    async with LyingGraph() as graph, Asking(graph) as asking:
        await asking.ask(said(200, {"id": ASKED}))  # the first one loads libraries
        tracemalloc.start()
        try:
            answered = await asking.ask(said(200, bomb, "Content-Encoding: gzip, gzip"))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert answered.end == "GraphUnavailable"
    assert peak < 2_000_000


@pytest.mark.parametrize("announced", [True, False])
async def test_a_page_of_50_mb_is_not_read_to_its_end(*, announced: bool) -> None:
    page = b'{"value":[' + b" " * 50_000_000 + b"]}"
    answer = said(200, page, *(() if announced else ("Content-Length:",)), kind="page")

    assert await end(answer) == "GraphUnavailable"
    if announced:
        assert len(page) > MAX_BODY_BYTES


async def test_headers_without_end_are_an_outage() -> None:
    assert (
        await end(said(200, {"id": D1}, *(f"x-{number}: {'x' * 1000}" for number in range(200)))) == "GraphUnavailable"
    )


async def test_an_answer_that_was_sent_before_it_was_asked_for_is_not_taken_for_another_device(
    start: Start, serve: Serve
) -> None:
    two = b"".join(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in (b'{"id":"d-1"}', b'{"id":"d-1"}')
    )
    server = await serve(two)
    site = await start(endpoint=server.endpoint)
    assert await site.devices.get(D1) is not None

    with pytest.raises(GraphUnavailable):
        await site.devices.get(AutopilotDeviceId("d-2"))


@pytest.mark.parametrize("question", ["device", "page", "serial", "user", "name"])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>Sign in</html>",
        b'{"id": "d-1',
        [{"id": "d-1"}],
        b"[" * 100_000,
        b'{"id": ' + b"9" * 5_000 + b"}",
        b'{"id": NaN, "value": NaN, "userPrincipalName": NaN}',
        {"id": 7, "value": [7], "userPrincipalName": 7},
        {"id": "another/../d-1", "value": [{"id": ["d-1"]}], "userPrincipalName": 7},
        b'{"id": "\\ud800", "value": [{"id": "\\ud800"}], "userPrincipalName": "\\ud800"}',
    ],
    ids=["web page", "cut", "list", "deep", "5,000 digits", "NaN", "numbers", "slashes", "half a surrogate pair"],
)
async def test_a_200_that_is_no_answer_is_an_outage_to_whoever_asks(question: str, body: object) -> None:
    assert await end(said(200, body), question) == "GraphUnavailable"


@pytest.mark.parametrize("status", [999, 600, 100, 101, 300, 304, 399])
async def test_a_status_that_graph_has_no_reason_to_send_is_an_outage(status: int) -> None:
    assert await end(said(status, {"id": "d-1"})) == "GraphUnavailable"


LINKS = {
    "another host": "{elsewhere}/v1.0/x",
    "user information": "http://127.0.0.1@{host}/v1.0/x",
    "our host as user information": "{home}@{host}/v1.0/x",
    "our host as the beginning": "{home}.attacker.example/v1.0/x",
    "another port": "http://127.0.0.1:{port}/v1.0/x",
    "port 0": "http://127.0.0.1:0/v1.0/x",
    "another scheme": "https://127.0.0.1/v1.0/x",
    "no scheme": "//{host}/v1.0/x",
    "a backslash": "{home}\\@{host}/v1.0/x",
    "a full stop of another script": "http://127。0。0。1:{port}/v1.0/x",
    "digits of another script": "http://127.0.0.1:٤٤٣/v1.0/x",
    "another spelling of the address": "http://127.1:{port}/v1.0/x",
    "a name of the address": "http://localhost:{port}/v1.0/x",
    "half of a surrogate pair": "{home}/v1.0/\ud800",
    "a line break": "{home}/v1.0/x\r\nHost: attacker.example",
    "a tab": "{home}/v1.0/\tx",
    "another version": "{home}/beta/x",
    "dots": "{home}/v1.0/../beta/x",
    "a link of 100,000 characters": "{home}/v1.0/" + "x" * 100_000,
    "a number": 7,
    "a list": ["{home}/v1.0/x"],
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
async def test_rule_10_a_link_of_any_kind_leads_nowhere_else(link: object) -> None:
    async with LyingGraph() as graph, Asking(graph) as asking:
        host = graph.strange_host
        text = link if not isinstance(link, str) else link.replace("{host}", host).replace("{port}", host.split(":")[1])
        answered = await asking.ask(said(200, {"value": [{"id": "d-1"}], "@odata.nextLink": text}, kind="page"))

        assert answered.end == "GraphUnavailable"
        assert len(graph.asked) == 1


@pytest.mark.parametrize(
    "items",
    [
        [{"id": str(number), "status": 9**900, "body": {}} for number in range(1, 7)],
        [{"id": str(number), "status": -1} for number in range(1, 7)],
        [{"id": str(number), "status": True, "body": {"id": f"d-{number}"}} for number in range(1, 7)],
        [{"id": [str(number)], "status": 200} for number in range(1, 7)],
        [{"id": "1", "status": 200, "body": {"id": "d-1"}}] * 2,
        [{"id": str(number), "status": 200, "body": {"id": f"d-{number + 1}"}} for number in range(1, 7)],
    ],
    ids=["a status of 900 digits", "a negative status", "true", "ids that are lists", "one item twice", "mixed up"],
)
async def test_items_of_a_batch_that_lie_are_unknown_and_quote_nothing(items: list[object]) -> None:
    assert await end(said(200, {"responses": items}, kind="batch")) == "value"


async def test_a_status_of_900_digits_does_not_get_into_a_text(start: Start) -> None:
    devices = [AutopilotDeviceId(f"d-{number}") for number in range(1, 6)]
    async with LyingGraph() as graph:
        graph.say(said(200, {"responses": [{"id": str(number), "status": 9**900} for number in range(1, 6)]}))
        site = await start(endpoint=graph.endpoint)

        answers = await asyncio.gather(*map(site.devices.get, devices), return_exceptions=True)

    assert {str(answer) for answer in answers} == {"graph answered one item of a batch without a status"}


async def test_an_error_of_megabytes_is_not_read_for_its_code(start: Start) -> None:
    async with LyingGraph() as graph:
        graph.say(said(429, {"error": {"code": "TooManyRequests", "message": "1," * 5_000_000}}))
        site = await start(endpoint=graph.endpoint)

        with pytest.raises(GraphThrottled, match=r"^graph answered 429$") as raised:
            await site.devices.get(D1)

    assert raised.value.retry_after is None


@pytest.mark.parametrize("asked", ["9" * 5_000, "1," * 9_000, "Sun, 22 Nov 9999 12:00:00 GMT", "nan", "1e999", "\x7f"])
async def test_a_wish_to_wait_is_bounded(start: Start, asked: str) -> None:
    async with LyingGraph() as graph:
        graph.say(said(503, b"", f"Retry-After: {asked}"))
        site = await start(endpoint=graph.endpoint)

        with pytest.raises(UnassignmentError) as raised:
            await site.devices.get(D1)

    wait = getattr(raised.value, "retry_after", None)
    assert wait is None or timedelta(0) <= wait <= LONGEST
