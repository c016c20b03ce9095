"""What is asked of Graph: each request, built with msgraph-sdk. Knows paths and filters; sends nothing.

No `$select` on devices (Graph has answered 500), no `eq` (unsupported there), no `$top` (should it ever mean "no more than
these", as OData has it, a scan would lose devices in silence).
"""

from typing import Any, Final

from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.method import Method
from kiota_abstractions.request_adapter import RequestAdapter
from kiota_abstractions.request_information import RequestInformation

from shared.domain.errors import GraphRequestRejected
from shared.graph import sdk
from shared.graph.batch import Item
from shared.graph.clouds import Cloud

_UNASSIGN_RESOURCE_ACCOUNT: Final = (
    "{+root}/beta/deviceManagement/windowsAutopilotDeviceIdentities/{id}/unassignResourceAccountFromDevice"
)
_UNASSIGN_USER_BY_PROFILE: Final = (
    "{+root}/beta/deviceManagement/windowsAutopilotDeviceIdentities/{id}"
    "/deploymentProfile/assignedDevices/{id}/unassignUserFromDevice"
)
_BATCH: Final = "{+root}/{version}/$batch"
_USER_BY_QUOTED_NAME: Final = "{+root}/v1.0/users('{name}'){?%24select}"
_USER_PROPERTIES: Final = ["id", "userPrincipalName"]


class Requests:
    """Makes requests. All raise GraphRequestRejected for an id or a name that no path can hold."""

    def __init__(self, adapter: RequestAdapter, cloud: Cloud) -> None:
        self._root = cloud.root
        self._service = sdk.GraphServiceClient(request_adapter=adapter)
        # Left to itself the library joins root and path with two slashes, and only when it sends.
        self._service.path_parameters["baseurl"] = f"{cloud.root}/v1.0"
        self._devices = self._service.device_management.windows_autopilot_device_identities

    def device(self, device: str) -> RequestInformation:
        """GET one device by its Autopilot id."""
        return _get(self._device(device))

    def devices(self) -> RequestInformation:
        """GET the first page of all devices."""
        return _get(self._devices)

    def devices_like(self, part: str) -> RequestInformation:
        """GET the first page of the devices whose serial number contains this, and may be more than that."""
        literal = part.replace("'", "''")
        query = sdk.DevicesBuilder.WindowsAutopilotDeviceIdentitiesRequestBuilderGetQueryParameters(
            filter=f"contains(serialNumber,'{literal}')",
        )
        return _get(self._devices, query)

    def page(self, link: str) -> RequestInformation:
        """GET a further page; the link is taken as it is, and must have been checked."""
        return _get(self._devices.with_url(link))

    def unassign_user(self, device: str) -> RequestInformation:
        """POST unassignUserFromDevice, without a body."""
        builder = self._device(device).unassign_user_from_device
        request: RequestInformation = builder.to_post_request_information()
        return request

    def unassign_user_by_profile(self, device: str) -> RequestInformation:
        """POST unassignUserFromDevice by the second route of its page, through the deployment profile; on beta, without a body.

        Source: learn.microsoft.com/graph/api/intune-enrollment-windowsautopilotdeviceidentity-unassignuserfromdevice, as of beta
        """
        return self._action(_UNASSIGN_USER_BY_PROFILE, device)

    def unassign_resource_account(self, device: str) -> RequestInformation:
        """POST unassignResourceAccountFromDevice, without a body; it exists on beta only, for which there is no builder."""
        return self._action(_UNASSIGN_RESOURCE_ACCOUNT, device)

    def assign_user(self, device: str, user_principal_name: str, addressable_user_name: str) -> RequestInformation:
        """POST assignUserToDevice."""
        body = sdk.assign_user_body(user_principal_name, addressable_user_name)
        request: RequestInformation = self._device(device).assign_user_to_device.to_post_request_information(body)
        return request

    def batch(self, api_version: str, body: bytes) -> RequestInformation:
        """POST several requests of one API version as one."""
        request = RequestInformation(Method.POST, _BATCH, {"root": self._root, "version": api_version})
        request.headers.try_add("Accept", "application/json")
        request.set_stream_content(body, "application/json")
        return request

    def as_item(self, request: RequestInformation, api_version: str) -> Item:
        """A request of that API version, as an item of a batch: its URL begins after the version."""
        method = request.http_method
        return Item(method.value if method else "GET", request.url.removeprefix(f"{self._root}/{api_version}"))

    def user(self, key: str) -> RequestInformation:
        """GET a user by object id or user principal name; a name that begins with `$` has a path of its own.

        Source: learn.microsoft.com/graph/api/user-get
        """
        if not key.startswith("$"):
            query = sdk.UserBuilder.UserItemRequestBuilderGetQueryParameters(select=_USER_PROPERTIES)
            return _get(self._service.users.by_user_id(_segment(key)), query)
        name = _segment(key).replace("'", "''")
        request = RequestInformation(Method.GET, _USER_BY_QUOTED_NAME, {"root": self._root, "name": name})
        request.query_parameters["%24select"] = _USER_PROPERTIES
        request.headers.try_add("Accept", "application/json")
        return request

    def deleted_user(self, user: str) -> RequestInformation:
        """GET a user deleted within the last 30 days by object id."""
        return _get(self._service.directory.deleted_items.by_directory_object_id(_segment(user)).graph_user)

    def _action(self, template: str, device: str) -> RequestInformation:
        request = RequestInformation(Method.POST, template, {"root": self._root, "id": _segment(device)})
        request.headers.try_add("Accept", "application/json")
        return request

    def _device(self, device: str) -> Any:
        return self._devices.by_windows_autopilot_device_identity_id(_segment(device))


def _get(builder: Any, query: object = None) -> RequestInformation:
    request: RequestInformation = builder.to_get_request_information(RequestConfiguration(query_parameters=query))
    return request


def _segment(value: str) -> str:
    """One segment of a path; the builders percent-encode it, but they can't save what a URL's dots would do to it."""
    if not value or value in {".", ".."} or not value.isprintable():
        raise GraphRequestRejected("an id that cannot be part of a path was not sent to graph")
    return value
