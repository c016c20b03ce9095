"""The parts of msgraph-sdk that are used, loaded at once. The one module that imports it.

The generated builders import each other at the first call, and warn about their own deprecated classes as they do. Loading
all that is needed here lets a process that turns warnings into errors load them, and no call waits for it.
"""

import importlib
import warnings
from typing import Final

_DEVICES: Final = "device_management.windows_autopilot_device_identities"
_DELETED: Final = "directory.deleted_items"
_BUILDERS: Final = (
    "device_management.device_management_request_builder",
    f"{_DEVICES}.item.windows_autopilot_device_identity_item_request_builder",
    f"{_DEVICES}.item.unassign_user_from_device.unassign_user_from_device_request_builder",
    "users.users_request_builder",
    "directory.directory_request_builder",
    f"{_DELETED}.deleted_items_request_builder",
    f"{_DELETED}.item.directory_object_item_request_builder",
    f"{_DELETED}.item.graph_user.graph_user_request_builder",
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from msgraph.generated.device_management.windows_autopilot_device_identities.windows_autopilot_device_identities_request_builder import (  # noqa: E501
        WindowsAutopilotDeviceIdentitiesRequestBuilder as DevicesBuilder,
    )
    from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder as UserBuilder
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient

    for _name in _BUILDERS:
        importlib.import_module(f"msgraph.generated.{_name}")

__all__ = ["DevicesBuilder", "GraphRequestAdapter", "GraphServiceClient", "UserBuilder"]
