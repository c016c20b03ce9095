"""The token goes to Graph and to nobody else."""

import pytest

from emulators.graph.faults import LIST, NextLink, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphUnavailable
from shared.domain.identifiers import AutopilotDeviceId
from tests.integration.graph.conftest import Serve, Start

D1 = AutopilotDeviceId("d-1")
NOTHING = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"value":[]}'


async def test_rule_10_a_link_to_another_host_is_not_followed(start: Start, serve: Serve) -> None:
    site = await start(Device(id=D1))
    elsewhere = await serve(NOTHING)
    site.graph.faults.add(When(path=LIST), NextLink("foreign", host=elsewhere.endpoint))

    with pytest.raises(GraphUnavailable):
        await site.devices.directory()

    assert elsewhere.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_rule_10_a_redirect_is_not_followed(start: Start, serve: Serve, status: int) -> None:
    site = await start(Device(id=D1))
    elsewhere = await serve(NOTHING)
    site.graph.faults.add(When(), Status(status, headers={"Location": f"{elsewhere.endpoint}/v1.0/x"}))

    with pytest.raises(GraphUnavailable, match=str(status)):
        await site.devices.get(D1)

    assert elsewhere.received == []
    assert len(site.asked) == 1


async def test_rule_10_a_request_that_leads_elsewhere_is_not_sent_at_all(start: Start, serve: Serve) -> None:
    site = await start()
    elsewhere = await serve(NOTHING)

    with pytest.raises(GraphUnavailable, match="not sent"):
        await site.client.read(site.client.requests.page(f"{elsewhere.endpoint}/v1.0/x"))

    assert elsewhere.received == []


@pytest.mark.parametrize("link", ["http://127.0.0.1:1\x00/v1.0/x", "http://[::1/v1.0/x", "/v1.0/x", ""], ids=ascii)
async def test_a_link_that_is_no_url_is_an_outage(start: Start, link: str) -> None:
    site = await start()

    with pytest.raises(GraphUnavailable):
        await site.client.read(site.client.requests.page(link))


async def test_a_link_that_only_httpx_refuses_is_an_outage(start: Start) -> None:
    site = await start()

    with pytest.raises(GraphUnavailable, match="InvalidURL"):
        await site.client.read(site.client.requests.page(f"{site.graph.endpoint}/v1.0/\x01"))


async def test_rule_10_a_proxy_of_the_environment_is_ignored(
    start: Start, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = await serve(NOTHING)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.endpoint)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    site = await start(Device(id=D1))

    assert await site.devices.get(D1) is not None
    assert proxy.received == []


async def test_the_token_is_asked_for_this_cloud_and_this_identity(start: Start) -> None:
    site = await start(Device(id=D1))

    await site.devices.get(D1)

    assert [(call.query["resource"], call.query["client_id"][-2:]) for call in site.identity.calls] == [
        (site.graph.endpoint, "c1")
    ]
