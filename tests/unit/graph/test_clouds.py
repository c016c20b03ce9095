"""Which roots a token may go to."""

import pytest

from shared.graph import clouds

ROOTS = {
    "https://graph.microsoft.com": "https://graph.microsoft.com/.default",
    "https://graph.microsoft.us": "https://graph.microsoft.us/.default",
    "https://dod-graph.microsoft.us": "https://dod-graph.microsoft.us/.default",
    "https://microsoftgraph.chinacloudapi.cn": "https://microsoftgraph.chinacloudapi.cn/.default",
}


def test_there_are_four_clouds() -> None:
    assert {cloud.root: cloud.scope for cloud in clouds.CLOUDS} == ROOTS


@pytest.mark.parametrize("root", [*ROOTS, "http://127.0.0.1:7071", "http://localhost:1", "http://[::1]:65535"])
def test_a_root_that_is_graphs_or_on_loopback_is_taken(root: str) -> None:
    cloud = clouds.at(root)

    assert (cloud.root, cloud.scope) == (root, f"{root}/.default")


def test_one_slash_at_the_end_and_capitals_do_not_matter() -> None:
    assert clouds.at(" HTTPS://Graph.Microsoft.com/ ") == clouds.GLOBAL


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "graph.microsoft.com",
        "http://graph.microsoft.com",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com:8443",
        "https://graph.microsoft.com.attacker.example",
        "https://attacker.example",
        "https://user@graph.microsoft.com",
        "https://graph.microsoft.de",
        "https://127.0.0.1:7071",
        "http://127.0.0.1:7071/graph",
        "http://127.0.0.1:7071?x",
        "http://127.0.0.1:65536",
        "http://127.0.0.1:",
        "http://127.0.0.2:7071",
        "http://127.0.0.1@attacker.example",
        "http://[::1",
        "http://localhost.attacker.example",
    ],
)
def test_rule_10_anything_else_is_refused_with_the_roots_that_are_allowed(endpoint: str) -> None:
    with pytest.raises(ValueError, match=r"\.us, https://dod-graph\.microsoft\.us, https.*loopback"):
        clouds.at(endpoint)


@pytest.mark.parametrize(
    "url",
    [
        "https://graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com:443/v1.0/x",
        "https://GRAPH.microsoft.com",
    ],
)
def test_a_url_of_the_same_scheme_host_and_port_belongs_to_the_cloud(url: str) -> None:
    assert clouds.GLOBAL.holds(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com:444/v1.0/x",
        "https://graph.microsoft.com:0/v1.0/x",
        "https://graph.microsoft.us/v1.0/x",
        "https://graph.microsoft.com@attacker.example/v1.0/x",
        "https://user:secret@graph.microsoft.com/v1.0/x",
        "https://graph.microsoft.com.attacker.example/v1.0/x",
        "https://graph.microsoft.com:port/v1.0/x",
        "https://[graph.microsoft.com/v1.0/x",
        "//graph.microsoft.com/v1.0/x",
        "/v1.0/x",
        "",
    ],
)
def test_any_other_url_does_not(url: str) -> None:
    assert not clouds.GLOBAL.holds(url)


def test_another_port_of_loopback_is_another_cloud() -> None:
    assert not clouds.at("http://127.0.0.1:7071").holds("http://127.0.0.1:7072/v1.0/x")
    assert clouds.at("http://[::1]:7071").host == "::1"


def test_without_a_port_http_on_loopback_is_port_80() -> None:
    cloud = clouds.at("http://127.0.0.1")

    assert cloud.holds("http://127.0.0.1:80/v1.0/x")
    assert not cloud.holds("http://127.0.0.1:443/v1.0/x")
