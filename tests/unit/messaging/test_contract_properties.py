"""Whatever the bytes: an event, or InvalidMessage, and nothing else."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract
from tests import builders

TYPES = st.sampled_from(list(contract.MODELS))
KEYS = [
    *("user", "device", "id", "userPrincipalName", "previousUserPrincipalNames", "autopilotDeviceId", "serialNumber"),
    *("entraDeviceId", "managedDeviceId", "assignedUserPrincipalName", "actions", "resourceAccountName", "eventId"),
    *("occurredAt", "effectiveAt", "requestedBy", "ticket", "reason", "dryRun", "dry_run", "User", "specversion"),
    *("type", "source", "data", "data_base64"),
]
VALUES = [
    *("a@contoso.com", builders.LEAVER_ID, "PF3XK7Q9", "unassignUser", "2026-11-22T09:30:00Z", "1.0", "", " "),
    *("user.offboarded", "device.retired", "9999-12-31T23:59:59-14:00", "\u202e", "\x00", "0" * 300),
]
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.sampled_from(VALUES))
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner), max_leaves=12
)
PROPERTIES = st.dictionaries(
    st.sampled_from(["cloudEvents:id", "cloudEvents_type", "cloudEvents:specversion", "originalMessageId", "replay"]),
    LEAVES,
    max_size=3,
)


def decode(body: bytes, event_type: str, properties: dict[str, Any]) -> events.Event | InvalidMessage:
    try:
        return contract.decode(builders.message(body, application_properties=properties), event_type)
    except InvalidMessage as error:
        return error


@given(body=st.binary(max_size=300), event_type=TYPES, properties=PROPERTIES)
@settings(max_examples=300)
def test_any_bytes_are_an_event_or_an_invalid_message(body: bytes, event_type: str, properties: dict[str, Any]) -> None:
    decoded = decode(body, event_type, properties)

    assert decoded.path.startswith("$") if isinstance(decoded, InvalidMessage) else event_type == decoded.TYPE


@given(value=JSON, event_type=TYPES, properties=PROPERTIES)
@settings(max_examples=500)
def test_any_json_of_known_keys_is_an_event_or_an_invalid_message(
    value: Any, event_type: str, properties: dict[str, Any]
) -> None:
    body = json.dumps(value).encode()

    decoded = decode(body, event_type, properties)

    if not isinstance(decoded, InvalidMessage):
        assert isinstance(value, dict)
        assert event_type == decoded.TYPE
