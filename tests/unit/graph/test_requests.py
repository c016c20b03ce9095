"""What is asked: methods and URLs, also for ids that mean harm."""

from urllib.parse import unquote

import httpx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from kiota_abstractions.authentication.anonymous_authentication_provider import AnonymousAuthenticationProvider
from kiota_abstractions.request_information import RequestInformation

from shared.domain.errors import GraphRequestRejected
from shared.graph import clouds, sdk
from shared.graph.requests import Requests

DEVICES = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"
HOSTILE = [
    "../x",
    "a/b",
    "%2F",
    "%2e%2e",
    "a?b=c",
    "a#b",
    "a b",
    "x' or '1'='1",
    "{+root}",
    "å\N{LATIN SMALL LETTER A}",
    "a;b",
]
BUILDERS = {
    "device": lambda requests, value: requests.device(value),
    "unassign_user": lambda requests, value: requests.unassign_user(value),
    "unassign_user_by_profile": lambda requests, value: requests.unassign_user_by_profile(value),
    "unassign_resource_account": lambda requests, value: requests.unassign_resource_account(value),
    "user": lambda requests, value: requests.user(value),
    "deleted_user": lambda requests, value: requests.deleted_user(value),
}


def requests_of(cloud: clouds.Cloud = clouds.GLOBAL) -> Requests:
    return Requests(sdk.GraphRequestAdapter(AnonymousAuthenticationProvider(), client=httpx.AsyncClient()), cloud)


REQUESTS = requests_of()


def asked(request: RequestInformation) -> tuple[str, str]:
    assert request.http_method is not None
    return request.http_method.value, request.url.removeprefix(clouds.GLOBAL.root)


def test_each_request_is_a_method_and_a_path() -> None:
    assert asked(REQUESTS.device("d-1")) == ("GET", f"{DEVICES}/d-1")
    assert asked(REQUESTS.devices()) == ("GET", DEVICES)
    assert asked(REQUESTS.unassign_user("d-1")) == ("POST", f"{DEVICES}/d-1/unassignUserFromDevice")
    assert asked(REQUESTS.user("u-1")) == ("GET", "/v1.0/users/u-1?%24select=id,userPrincipalName")
    assert asked(REQUESTS.deleted_user("u-1")) == ("GET", "/v1.0/directory/deletedItems/u-1/graph.user")


def test_a_resource_account_is_unassigned_on_beta() -> None:
    path = "/beta/deviceManagement/windowsAutopilotDeviceIdentities/d-1/unassignResourceAccountFromDevice"

    assert asked(REQUESTS.unassign_resource_account("d-1")) == ("POST", path)


def test_the_second_route_to_a_device_leads_through_its_profile_on_beta() -> None:
    path = "/deploymentProfile/assignedDevices/d-1/unassignUserFromDevice"

    asks = asked(REQUESTS.unassign_user_by_profile("d-1"))

    assert asks == ("POST", f"{DEVICES.replace('v1.0', 'beta')}/d-1{path}")


def test_a_post_has_no_body() -> None:
    assert REQUESTS.unassign_user("d-1").content is None
    assert REQUESTS.unassign_user_by_profile("d-1").content is None
    assert REQUESTS.unassign_resource_account("d-1").content is None


@pytest.mark.parametrize("cloud", clouds.CLOUDS, ids=lambda cloud: cloud.host)
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_every_request_goes_to_the_cloud_and_has_no_double_slash(build: object, cloud: clouds.Cloud) -> None:
    assert callable(build)
    url = build(requests_of(cloud), "x").url

    assert url.startswith(f"{cloud.root}/")
    assert "//" not in url.removeprefix("https://")


def test_the_filter_is_contains_and_quotes_are_doubled() -> None:
    url = httpx.URL(REQUESTS.devices_like("O'1&$select=id#+").url)

    assert url.path == DEVICES
    assert dict(url.params) == {"$filter": "contains(serialNumber,'O''1&$select=id#+')"}


def test_a_link_is_followed_as_it_is() -> None:
    link = f"{clouds.GLOBAL.root}{DEVICES}?$top=1&$skiptoken=LastSerialNumber%3d'8147-1'"

    assert REQUESTS.page(link).url == link


@pytest.mark.parametrize("name", ["o'neil@contoso.example", "a_b#EXT#@contoso.example", "a+b@contoso.example"])
def test_a_name_with_special_characters_stays_one_segment(name: str) -> None:
    url = httpx.URL(REQUESTS.user(name).url)

    assert unquote(url.raw_path.decode().partition("?")[0].removeprefix("/v1.0/users/")) == name


def test_a_name_that_begins_with_a_dollar_is_quoted_in_parentheses() -> None:
    url = httpx.URL(REQUESTS.user("$o'neil@contoso.example").url)

    assert url.path == "/v1.0/users('$o''neil@contoso.example')"
    assert dict(url.params) == {"$select": "id,userPrincipalName"}


@pytest.mark.parametrize("value", ["", ".", "..", "a\nb", "a\x00b", "\ud800", "\u202e"], ids=ascii)
@pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS)
def test_what_no_path_can_hold_is_refused(build: object, value: str) -> None:
    assert callable(build)
    with pytest.raises(GraphRequestRejected, match="not sent"):
        build(REQUESTS, value)


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_id_stays_one_segment(value: str) -> None:
    stays_one_segment(value)


@given(st.text(min_size=1))
def test_any_id_stays_one_segment(value: str) -> None:
    assume(value.isprintable() and value not in {".", ".."})
    stays_one_segment(value)


def stays_one_segment(value: str) -> None:
    before, after = DEVICES, "/unassignUserFromDevice"
    raw = httpx.URL(REQUESTS.unassign_user(value).url).raw_path.decode()
    segment = raw.removeprefix(f"{before}/").removesuffix(after)

    assert raw == f"{before}/{segment}{after}"
    assert "/" not in segment
    assert unquote(segment) == value
