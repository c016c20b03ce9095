"""Which operation serves which path, in which API version, with which permission. Knows no state."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from emulators.graph import access
from emulators.graph.messages import Answer, ApiVersion, GraphRequest
from emulators.graph.operations import Operations

Operation = Callable[[Operations, GraphRequest, str], Answer]
_BOTH: Final[frozenset[ApiVersion]] = frozenset({"v1.0", "beta"})
_BETA: Final[frozenset[ApiVersion]] = frozenset({"beta"})
_LIST: Final = "/deviceManagement/windowsAutopilotDeviceIdentities"
_ONE: Final = f"{_LIST}/{{windowsAutopilotDeviceIdentity-id}}"
_BY_PROFILE: Final = f"{_ONE}/deploymentProfile/assignedDevices/{{windowsAutopilotDeviceIdentity-id1}}"
_DELETED: Final = "/directory/deletedItems"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation: the path is written as in Graph's OpenAPI description; any one of the permissions will do."""

    method: str
    path: str
    api_versions: frozenset[ApiVersion]
    permissions: frozenset[str]
    operation: Operation

    def match(self, request: GraphRequest) -> str | None:
        """The value of the path's parameter, the last if it has several ("" if it has none), or None: another route's request."""
        wanted = self.path.strip("/").split("/")
        if (request.method, len(request.segments)) != (self.method, len(wanted)):
            return None
        if request.api_version not in self.api_versions:
            return None
        parameter = ""
        for segment, want in zip(request.segments, wanted, strict=True):
            if want.startswith("{") and not segment.startswith("$"):
                parameter = segment
            elif segment != want:
                return None
        return parameter


def _route(
    method: str,
    path: str,
    permissions: frozenset[str],
    operation: Operation,
    api_versions: frozenset[ApiVersion] = _BOTH,
) -> Route:
    return Route(method=method, path=path, permissions=permissions, operation=operation, api_versions=api_versions)


ROUTES: Final = (
    _route("GET", _LIST, access.READ_DEVICES, Operations.list_devices),
    _route("GET", _ONE, access.READ_DEVICES, Operations.get_device),
    _route("POST", f"{_ONE}/assignUserToDevice", access.WRITE_DEVICES, Operations.assign_user),
    _route("POST", f"{_ONE}/unassignUserFromDevice", access.WRITE_DEVICES, Operations.unassign_user),
    _route(
        "POST",
        f"{_ONE}/unassignResourceAccountFromDevice",
        access.WRITE_RESOURCE_ACCOUNTS,
        Operations.unassign_resource_account,
        _BETA,
    ),
    _route(
        "POST",
        f"{_BY_PROFILE}/unassignUserFromDevice",
        access.WRITE_DEVICES,
        Operations.unassign_user_by_profile,
        _BETA,
    ),
    _route("GET", "/users/{user-id}", access.READ_USERS, Operations.get_user),
    _route(
        "GET", f"{_DELETED}/{{directoryObject-id}}/microsoft.graph.user", access.READ_USERS, Operations.get_deleted_user
    ),
    _route("GET", f"{_DELETED}/{{directoryObject-id}}/graph.user", access.READ_USERS, Operations.get_deleted_user),
    _route("GET", f"{_DELETED}/microsoft.graph.user/{{user-id}}", access.READ_USERS, Operations.get_deleted_user),
)
