"""Every exception of httpx is either the other side's doing or known to be ours."""

import inspect

import httpx
import pytest

from shared.graph.connection import UNREACHABLE

OURS: set[type[BaseException]] = {
    httpx.CookieConflict,  # asking the cookie jar for a name
    httpx.StreamError,  # reading a body twice, or before it is there
    httpx.StreamConsumed,
    httpx.StreamClosed,
    httpx.ResponseNotRead,
    httpx.RequestNotRead,
}
ALL = {value for _, value in inspect.getmembers(httpx) if inspect.isclass(value) and issubclass(value, BaseException)}


@pytest.mark.parametrize("kind", sorted(ALL - OURS, key=str))
def test_an_exception_of_the_network_means_unreachable(kind: type[BaseException]) -> None:
    assert issubclass(kind, UNREACHABLE), "httpx has a new exception: decide whose doing it is"


@pytest.mark.parametrize("kind", sorted(OURS, key=str))
def test_a_misuse_of_ours_does_not_pass_for_an_outage(kind: type[BaseException]) -> None:
    assert kind in ALL
    assert not issubclass(kind, UNREACHABLE)
