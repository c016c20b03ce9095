"""Graph out of reach, or answering what isn't HTTP."""

import asyncio
import gzip
from datetime import timedelta

import pytest

from emulators.graph.faults import Hang, Reset, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphUnavailable
from shared.domain.identifiers import AutopilotDeviceId
from shared.graph.connection import MAX_BODY_BYTES
from tests.integration.graph.conftest import Serve, Start

D1 = AutopilotDeviceId("d-1")
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_reset_is_an_outage_and_not_retried(start: Start, when: str) -> None:
    site = await start(Device(id=D1))
    site.graph.faults.add(When(), Reset(after_handling=when == "after"))

    with pytest.raises(GraphUnavailable, match="could not be reached: "):
        await site.devices.get(D1)
    assert len(site.asked) == 1


async def test_a_closed_port_is_an_outage(start: Start) -> None:
    site = await start(Device(id=D1))
    site.graph.stop()

    with pytest.raises(GraphUnavailable, match="ConnectError"):
        await site.devices.get(D1)


async def test_after_a_restart_it_works_again(start: Start) -> None:
    site = await start(Device(id=D1))
    await site.devices.get(D1)
    site.graph.stop()
    with pytest.raises(GraphUnavailable):
        await site.devices.get(D1)
    site.graph.start()

    assert await site.devices.get(D1) is not None


async def test_rule_11_a_call_ends_at_its_deadline(start: Start) -> None:
    site = await start(Device(id=D1), deadline=timedelta(seconds=0.3))
    site.graph.faults.add(When(), hang := Hang())

    with pytest.raises(GraphUnavailable, match=r"no answer within 0\.3 s"):
        await site.devices.get(D1)
    hang.release()


async def test_a_caller_who_gives_up_is_let_go(start: Start) -> None:
    site = await start(Device(id=D1))
    site.graph.faults.add(When(), hang := Hang())
    call = asyncio.create_task(site.devices.get(D1))
    async with asyncio.timeout(10):
        while not site.asked:  # noqa: ASYNC110  # the emulator lives in another thread
            await asyncio.sleep(0.01)

    call.cancel()

    with pytest.raises(asyncio.CancelledError):
        await call
    hang.release()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.7\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip",
        OK + b"Content-Length: 2\r\n\r\n[]",
        OK + b"Content-Length: 0\r\n\r\n",
    ],
    ids=["nothing", "not http", "cut short", "bad chunk", "bad gzip", "list", "empty"],
)
async def test_an_answer_that_is_none_is_an_outage(start: Start, serve: Serve, answer: bytes) -> None:
    server = await serve(answer)
    site = await start(endpoint=server.endpoint)

    with pytest.raises(GraphUnavailable):
        await site.devices.get(D1)
    assert len(server.received) == 1


async def test_an_answer_without_end_is_not_read_to_its_end(start: Start, serve: Serve) -> None:
    body = gzip.compress(b" " * (MAX_BODY_BYTES + 1))
    server = await serve(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    site = await start(endpoint=server.endpoint)

    with pytest.raises(GraphUnavailable, match="more than 33554432 bytes"):
        await site.devices.get(D1)


async def test_a_closed_client_opens_anew(start: Start) -> None:
    site = await start(Device(id=D1))
    await site.devices.get(D1)

    await site.client.close()
    await site.client.close()

    assert await site.devices.get(D1) is not None
