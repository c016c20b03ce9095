"""The parts of msgraph-sdk that are used, loaded at once. The one module that imports it.

The generated builders import each other at the first call, and warn about their own deprecated classes as they do. Loading
all that is needed here lets a process that turns warnings into errors load them, and no call waits for it.
"""

import importlib
import warnings
from typing import Any, Final

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


def assign_user_body(user_principal_name: str, addressable_user_name: str) -> Any:
    """The body of assignUserToDevice; its model, and the builder that takes it, load when an undo first needs them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        package = f"msgraph.generated.{_DEVICES}.item.assign_user_to_device"
        importlib.import_module(f"{package}.assign_user_to_device_request_builder")
        models = importlib.import_module(f"{package}.assign_user_to_device_post_request_body")
    return models.AssignUserToDevicePostRequestBody(
        user_principal_name=user_principal_name, addressable_user_name=addressable_user_name
    )


__all__ = ["DevicesBuilder", "GraphRequestAdapter", "GraphServiceClient", "UserBuilder", "assign_user_body"]
