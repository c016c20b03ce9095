"""The contract: what each key takes, and what is said of what it doesn't take."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.domain.events import Action
from shared.messaging import contract, problems
from tests import builders

USER, DEVICE = events.UserOffboarded.TYPE, events.DeviceRetired.TYPE
ZEROS = "00000000-0000-0000-0000-000000000000"


def refused(body: dict[str, Any], event_type: str) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as refusal:
        contract.decode(builders.message(body), event_type)
    return refusal.value


def user(**fields: Any) -> dict[str, Any]:
    return {"user": fields}


def dev(**fields: Any) -> dict[str, Any]:
    return {"device": fields}


def off(**fields: Any) -> dict[str, Any]:
    return builders.offboarded_body(**fields)


def ret(**fields: Any) -> dict[str, Any]:
    return builders.retired_body(**fields)


NAMES = "previousUserPrincipalNames"
UPN = "userPrincipalName"


@pytest.mark.parametrize(
    ("body", "event_type", "path"),
    [
        pytest.param({}, USER, "$.user", id="no user"),
        pytest.param({"user": None}, USER, "$.user", id="user: null"),
        pytest.param({"user": "a@x"}, USER, "$.user", id="user: text"),
        pytest.param({"user": []}, USER, "$.user", id="user: list"),
        pytest.param(user(), USER, "$.user", id="user: empty"),
        pytest.param(user(id=None, userPrincipalName=None), USER, "$.user", id="user: all null"),
        pytest.param(user(**{NAMES: []}), USER, "$.user", id="only an empty list of names"),
        pytest.param(user(id=""), USER, "$.user.id", id="id: empty"),
        pytest.param(user(id="6f1c1f7e"), USER, "$.user.id", id="id: no GUID"),
        pytest.param(user(id=builders.LEAVER_ID + "\n"), USER, "$.user.id", id="id: trailing newline"),
        pytest.param(user(id=1), USER, "$.user.id", id="id: number"),
        pytest.param(user(**{UPN: ""}), USER, f"$.user.{UPN}", id="UPN: empty"),
        pytest.param(user(**{UPN: "leaver"}), USER, f"$.user.{UPN}", id="UPN: no @"),
        pytest.param(user(**{UPN: "a b@x"}), USER, f"$.user.{UPN}", id="UPN: space"),
        pytest.param(user(**{UPN: "a@x@y"}), USER, f"$.user.{UPN}", id="UPN: two @"),
        pytest.param(user(**{UPN: "a@" + "x" * 256}), USER, f"$.user.{UPN}", id="UPN: too long"),
        pytest.param(user(**{UPN: ["a@x"]}), USER, f"$.user.{UPN}", id="UPN: list"),
        pytest.param(user(**{NAMES: "a@x"}), USER, f"$.user.{NAMES}", id="former names: text"),
        pytest.param(user(**{NAMES: {"a@x": 1}}), USER, f"$.user.{NAMES}", id="former names: object"),
        pytest.param(user(**{NAMES: ["a@x", None]}), USER, f"$.user.{NAMES}[1]", id="former names: a null"),
        pytest.param(user(**{NAMES: ["a@x", ""]}), USER, f"$.user.{NAMES}[1]", id="former names: an empty one"),
        pytest.param(user(**{NAMES: ["a@x"] * 21}), USER, f"$.user.{NAMES}", id="former names: 21"),
        pytest.param(off(eventId=""), USER, "$.eventId", id="eventId: empty"),
        pytest.param(off(eventId="  "), USER, "$.eventId", id="eventId: blank"),
        pytest.param(off(eventId="a\nb"), USER, "$.eventId", id="eventId: newline"),
        pytest.param(off(eventId="e" * 129), USER, "$.eventId", id="eventId: 129"),
        pytest.param(off(dryRun="true"), USER, "$.dryRun", id="dryRun: text"),
        pytest.param(off(dryRun=1), USER, "$.dryRun", id="dryRun: 1"),
        pytest.param(off(reason=1), USER, "$.reason", id="reason: number"),
        pytest.param(off(reason="r" * 1025), USER, "$.reason", id="reason: too long"),
        pytest.param(off(ticket=[]), USER, "$.ticket", id="ticket: list"),
        pytest.param(off(requestedBy={}), USER, "$.requestedBy", id="requestedBy: object"),
        pytest.param({}, DEVICE, "$.device", id="no device"),
        pytest.param(dev(), DEVICE, "$.device", id="device: empty"),
        pytest.param(dev(serialNumber="a", autopilotDeviceId="b"), DEVICE, "$.device", id="two keys"),
        pytest.param(dev(serialNumber=" "), DEVICE, "$.device.serialNumber", id="serial number: blank"),
        pytest.param(dev(serialNumber=5), DEVICE, "$.device.serialNumber", id="serial number: number"),
        pytest.param(dev(autopilotDeviceId="../users"), DEVICE, "$.device.autopilotDeviceId", id="id: a path"),
        pytest.param(dev(autopilotDeviceId="a%2Fb"), DEVICE, "$.device.autopilotDeviceId", id="id: escaped"),
        pytest.param(dev(managedDeviceId="a'b"), DEVICE, "$.device.managedDeviceId", id="id: a quote"),
        pytest.param(dev(entraDeviceId=ZEROS), DEVICE, "$.device", id="id: all zeros"),
        pytest.param(ret(actions=[]), DEVICE, "$.actions", id="actions: none"),
        pytest.param(ret(actions=["wipe"]), DEVICE, "$.actions[0]", id="actions: unknown"),
        pytest.param(ret(actions=["unassignUser"] * 3), DEVICE, "$.actions", id="actions: three"),
        pytest.param(ret(actions="unassignUser"), DEVICE, "$.actions", id="actions: text"),
        pytest.param(ret(assignedUserPrincipalName=""), DEVICE, "$.assignedUserPrincipalName", id="assigned: empty"),
        pytest.param(ret(resourceAccountName=" "), DEVICE, "$.resourceAccountName", id="account: blank"),
    ],
)
def test_what_is_not_the_contract_is_refused_with_its_path(body: dict[str, Any], event_type: str, path: str) -> None:
    assert refused(body, event_type).path == path


@pytest.mark.parametrize(
    ("body", "event_type", "path", "meant"),
    [
        pytest.param(off(dry_run=True), USER, "$.dry_run", "dryRun", id="dry_run"),
        pytest.param(off(DryRun=True), USER, "$.DryRun", "dryRun", id="DryRun"),
        pytest.param(off(**{"dry-run": True}), USER, "$.dry-run", "dryRun", id="dry-run"),
        pytest.param(off(DRYRUN=None), USER, "$.DRYRUN", "dryRun", id="DRYRUN"),
        pytest.param(user(userprincipalname="a@x"), USER, "$.user.userprincipalname", UPN, id="in user"),
        pytest.param(dev(serial_number="a"), DEVICE, "$.device.serial_number", "serialNumber", id="in device"),
        pytest.param({"User": {}}, USER, "$.User", "user", id="User"),
    ],
)
def test_a_mistyped_known_key_is_refused_and_the_right_one_named(
    body: dict[str, Any], event_type: str, path: str, meant: str
) -> None:
    error = refused(body, event_type)

    assert error.path == path
    assert meant in error.problem


def test_unknown_keys_are_ignored_at_each_level() -> None:
    body = off(employeeNumber=7, user={UPN: builders.LEAVER, "displayName": "x"})

    assert contract.decode(builders.message(body), USER) == builders.offboarded(
        request=builders.request(event_id="message-1")
    )


def test_null_means_absent_for_every_optional_key() -> None:
    optional = ["eventId", "occurredAt", "effectiveAt", "requestedBy", "ticket", "reason", "dryRun"]
    device_only = ["assignedUserPrincipalName", "actions", "resourceAccountName"]
    body = {"device": {"autopilotDeviceId": "d1", "serialNumber": None}, **dict.fromkeys([*optional, *device_only])}

    event = contract.decode(builders.message(body), DEVICE)

    assert event == builders.retired(request=builders.request(event_id="message-1"))


def test_several_problems_are_told_at_once_and_at_most_three() -> None:
    error = refused({"user": {"id": 1, UPN: 2, NAMES: 3}, "eventId": 4, "reason": 5}, USER)

    assert str(error) == ("$.eventId: must be a string; $.reason: must be a string; $.user.id: must be a string")


def test_every_key_reaches_the_event() -> None:
    body = {
        "device": {"serialNumber": "PF3XK7Q9"},
        "assignedUserPrincipalName": builders.LEAVER,
        "actions": ["unassignResourceAccount", "unassignUser", "unassignUser"][:2],
        "resourceAccountName": "Room 1",
        "eventId": "e-1",
        "occurredAt": "2026-11-20T08:00:00+01:00",
        "effectiveAt": "2026-11-21T08:00:00.5Z",
        "requestedBy": "hr",
        "ticket": "INC1",
        "reason": "left",
        "dryRun": True,
    }

    event = contract.decode(builders.message(body), DEVICE)

    assert isinstance(event, events.DeviceRetired)
    assert event.device == events.SerialNumberKey("PF3XK7Q9")  # type: ignore[arg-type]
    assert event.actions == (Action.UNASSIGN_RESOURCE_ACCOUNT, Action.UNASSIGN_USER)
    assert (event.assigned_user_principal_name, event.resource_account_name) == (builders.LEAVER, "Room 1")
    assert event.request == builders.request(
        event_id="e-1",
        occurred_at=datetime(2026, 11, 20, 7, tzinfo=UTC),
        effective_at=datetime(2026, 11, 21, 8, 0, 0, 500_000, tzinfo=UTC),
        requested_by="hr",
        ticket="INC1",
        reason="left",
        dry_run=True,
    )


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("autopilotDeviceId", events.AutopilotDeviceKey),
        ("serialNumber", events.SerialNumberKey),
        ("entraDeviceId", events.EntraDeviceKey),
        ("managedDeviceId", events.ManagedDeviceKey),
    ],
)
def test_a_device_is_named_by_any_of_four_keys(key: str, kind: type) -> None:
    event = contract.decode(builders.message(dev(**{key: "abc-1"})), DEVICE)

    assert isinstance(event, events.DeviceRetired)
    assert event.device == kind("abc-1")


def test_a_user_is_named_by_id_by_name_or_by_former_names() -> None:
    body = user(id=builders.LEAVER_ID.upper(), **{UPN: "a@x", NAMES: ["b@x", "c@x"]})

    event = contract.decode(builders.message(body), USER)

    assert isinstance(event, events.UserOffboarded)
    assert (event.user_object_id, event.user_principal_name) == (builders.LEAVER_ID.upper(), "a@x")
    assert event.previous_user_principal_names == ("b@x", "c@x")


def test_an_array_of_refused_entries_is_not_called_empty_as_well() -> None:
    with pytest.raises(InvalidMessage) as raised:
        contract.decode(builders.message(builders.retired_body(actions=["wipe"])), "device.retired")

    assert str(raised.value) == "$.actions[0]: must be one of unassignUser, unassignResourceAccount"


@pytest.mark.parametrize("event_type", [USER, DEVICE])
def test_a_schema_has_the_keys_as_they_are_written_in_a_body(event_type: str) -> None:
    keys = contract.schemas()[event_type]["properties"]

    assert {"eventId", "effectiveAt", "dryRun"} <= set(keys)
    assert not any("_" in key for key in keys)


@pytest.mark.parametrize(
    ("body", "event_type", "says"),
    [
        pytest.param({}, USER, "$.user: is required", id="missing"),
        pytest.param({"user": []}, USER, "$.user: must be a JSON object", id="no object"),
        pytest.param(user(), USER, f"$.user: needs at least one of id, {UPN}, {NAMES}", id="nobody"),
        pytest.param(
            user(id="1"), USER, "$.user.id: must be a GUID, such as 6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11", id="no GUID"
        ),
        pytest.param(
            user(**{NAMES: ["a@x", "b"]}),
            USER,
            f"$.user.{NAMES}[1]: must be a user principal name, such as name@contoso.com",
            id="no name in an array",
        ),
        pytest.param(
            user(**{UPN: "leaver"}),
            USER,
            f"$.user.{UPN}: must be a user principal name, such as name@contoso.com",
            id="no name",
        ),
        pytest.param(off(dryRun=1), USER, "$.dryRun: must be true or false", id="no flag"),
        pytest.param(off(reason="r" * 1025), USER, "$.reason: is too long", id="too long"),
        pytest.param(off(eventId=" "), USER, "$.eventId: must not be blank or hold control characters", id="blank"),
        pytest.param(ret(actions="x"), DEVICE, "$.actions: must be an array", id="no array"),
        pytest.param(ret(actions=[]), DEVICE, "$.actions: must not be empty", id="empty"),
        pytest.param(
            dev(entraDeviceId=ZEROS),
            DEVICE,
            "$.device: must not be the all-zeros id, which names no device",
            id="zeros",
        ),
    ],
)
def test_what_is_refused_is_told_with_the_mend(body: dict[str, Any], event_type: str, says: str) -> None:
    assert str(refused(body, event_type)) == says


def test_a_kind_of_error_that_has_no_words_yet_is_told_by_its_name_and_the_input_is_not_even_asked_for() -> None:
    class New:
        def errors(self, **asked: bool) -> list[Any]:
            assert asked == {"include_url": False, "include_context": False, "include_input": False}
            return [{"type": "unheard_of", "loc": ("user", "id")}]

    assert str(problems.invalid_message(New(), ("data",))) == "$.data.user.id: is not valid (unheard_of)"
