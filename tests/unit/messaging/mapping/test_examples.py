"""The mapping files that are shipped, on messages as the vendors' documents give them."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared import mapping_file
from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging.mapping.decoding import Decoder
from tests import builders
from tests.unit.messaging.mapping.shipped import NAMES, NOT_LEAVERS, ROOT, SAMPLES, SHIPPED, TWICE


def sample(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "docs" / "samples" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def decode(name: str, body: dict[str, Any], properties: dict[str, Any]) -> events.Event:
    file, event_type, *_ = SAMPLES[name]
    decoder = Decoder(mapping_file.read(ROOT / "shared" / "mappings" / f"{file}.yaml"))
    return decoder(builders.message(body, application_properties=properties), event_type)


def changed(value: Any, changes: dict[str, Any]) -> Any:
    """The value with every key of these names, at any depth, given another value."""
    if isinstance(value, dict):
        return {
            key: _other(each, changes[key]) if key in changes else changed(each, changes) for key, each in value.items()
        }
    return [changed(each, changes) for each in value] if isinstance(value, list) else value


def _other(value: Any, change: Any) -> Any:
    return (value if isinstance(value, list) else [value]) * 2 if change is TWICE else change


def as_body(event: events.Event) -> dict[str, Any]:
    request = {
        "eventId": event.request.event_id,
        "occurredAt": event.request.occurred_at and event.request.occurred_at.isoformat(),
        "effectiveAt": event.request.effective_at and event.request.effective_at.isoformat(),
        "requestedBy": event.request.requested_by,
        "ticket": event.request.ticket,
        "reason": event.request.reason,
    }
    subject: dict[str, Any]
    match event:
        case events.UserOffboarded():
            user = {"id": event.user_object_id, "userPrincipalName": event.user_principal_name}
            subject = {"user": {key: value for key, value in user.items() if value}}
        case events.DeviceRetired():
            assert isinstance(event.device, events.SerialNumberKey)
            subject = {"device": {"serialNumber": event.device.serial_number}}
    return subject | {key: value for key, value in request.items() if value}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_message_as_the_vendor_documents_it_becomes_the_event(name: str) -> None:
    _, _, properties, expected = SAMPLES[name]

    assert as_body(decode(name, sample(name), properties)) == expected


def names_in(value: Any) -> set[str]:
    """What the sample calls a person by: names, logins and mail addresses, and these without what stands behind the @."""
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    if not isinstance(value, dict):
        return set()
    own = {str(each) for key, each in value.items() if key.lower() in NAMES and isinstance(each, str) and each}
    return own | {each.partition("@")[0] for each in own} | set().union(*map(names_in, value.values()))


@pytest.mark.parametrize("name", SAMPLES)
def test_no_event_id_which_is_logged_holds_a_name(name: str) -> None:
    event_id = decode(name, sample(name), SAMPLES[name][2]).request.event_id.lower()

    assert [each for each in names_in(sample(name)) if each.lower() in event_id] == []


@pytest.mark.parametrize(("name", "changes"), NOT_LEAVERS.values(), ids=NOT_LEAVERS)
def test_what_is_no_leaver_and_no_retired_device_matches_no_rule(name: str, changes: dict[str, Any]) -> None:
    properties = SAMPLES[name][2] if changes else {}

    with pytest.raises(InvalidMessage, match="no mapping rule matches"):
        decode(name, changed(sample(name), changes), properties)


def test_every_shipped_rule_is_tried_on_a_sample_and_every_sample_is_of_a_shipped_file() -> None:
    rules = {rule.name for path in SHIPPED for rule in mapping_file.read(path)}

    assert {SAMPLES[name][0] for name in SAMPLES} == {path.stem for path in SHIPPED}
    assert len(SAMPLES) == len(rules)
    assert {path.stem for path in (ROOT / "docs" / "samples").glob("*.json")} == set(SAMPLES)


def test_the_shipped_files_together_are_a_mapping_too() -> None:
    names = [rule.name for path in SHIPPED for rule in mapping_file.read(path)]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_file_names_its_source_and_says_what_it_assumes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert "https://" in text
    assert "ssumed" in text
