import json
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract
from shared.messaging.mapping import decoding, reading
from shared.messaging.mapping.decoding import Decoder
from tests import builders
from tests.unit.messaging.mapping.foreign import FOREIGN, LEFT, RETIRED, decode, refused, rule

BROAD = {"type": "bye", "when": "kind == 'bye'", "properties": {"origin": "hr"}}


def test_a_message_of_another_shape_becomes_an_event() -> None:
    event = decode(FOREIGN)

    assert isinstance(event, events.UserOffboarded)
    assert event.user_principal_name == "anna@contoso.com"
    assert event.request.event_id == "message-1"
    assert event.request.effective_at is None


def test_a_device_too() -> None:
    fields = {"device.serialNumber": "asset.serial", "actions": "['unassignUser', 'unassignResourceAccount']"}
    body = {"asset": {"serial": "SN-1"}}

    event = decode(body, rule(event=RETIRED, match={"when": "asset"}, fields=fields), event_type=RETIRED)

    assert isinstance(event, events.DeviceRetired)
    assert event.device == events.SerialNumberKey("SN-1")  # type: ignore[arg-type]  # a plain text will do
    assert len(event.actions) == 2


@pytest.mark.parametrize(
    "body",
    [
        builders.offboarded_body(kind="bye", employee={"mail": "somebody.else@contoso.com"}),
        {"specversion": "1.0", "id": "e", "type": "x.user.offboarded", "data": builders.offboarded_body(kind="bye")},
    ],
    ids=["plain", "in an envelope"],
)
def test_a_message_of_the_contract_passes_untouched(body: dict[str, Any]) -> None:
    message = builders.message(body)

    mapped = Decoder(reading.rules({"rules": [rule(match={"when": "@"})]}))(message, LEFT)

    assert mapped == contract.decode(message, LEFT)


@pytest.mark.parametrize(
    "body",
    [
        {"user": {"userPrincipalName": "anna"}},
        {"user": {"UserPrincipalName": "anna@contoso.com"}},
        {"user": {"id": "7"}},
        {"user": {"userPrincipalName": "anna@contoso.com"}, "effective_at": "2027-01-01T00:00:00Z"},
        {"user": {"userPrincipalName": "anna@contoso.com"}, "dryrun": True},
        {"specversion": "1.0", "id": "e", "type": "other", "data": {"user": {"userPrincipalName": "anna@contoso.com"}}},
    ],
    ids=["a bad name", "a mistyped key", "a bad id", "a mistyped time", "a mistyped dryRun", "another type"],
)
def test_what_means_to_be_of_the_contract_is_told_what_is_wrong_with_it_and_no_rule_is_tried(
    body: dict[str, Any],
) -> None:
    everything = rule(match={"when": "@"}, fields={"user.userPrincipalName": "'anybody@contoso.com'"})
    with pytest.raises(InvalidMessage) as error:
        contract.decode(builders.message(body), LEFT)

    assert refused(body, everything) == str(error.value)


def test_somebody_elses_user_is_not_taken_for_the_contracts() -> None:
    fields = {"user.userPrincipalName": "user.login"}

    event = decode({"user": {"id": 7, "login": "anna@contoso.com"}}, rule(match={"when": "user.login"}, fields=fields))

    assert isinstance(event, events.UserOffboarded)
    assert event.user_principal_name == "anna@contoso.com"


def test_a_message_that_no_rule_matches_is_told_which_were_tried_and_why_not() -> None:
    others = [
        rule("by-type", match={"type": "gone"}),
        rule("by-property", match={"properties": {"origin": "hr"}}),
        rule("by-body", match={"when": "kind == 'gone'"}),
        rule("by-what-is-not-there", match={"when": "length(people) > `0`"}),
        rule("a-device", event=RETIRED, fields={"device.serialNumber": "sn"}),
    ]

    assert refused(FOREIGN, *others) == (
        "$: is no user.offboarded, and no mapping rule matches; tried: by-type (the type is another); by-property (the application "
        'property origin is absent; the rule wants "hr"); by-body (its condition does not hold); by-what-is-not-there (its '
        "condition: the expression cannot be evaluated for this message (JMESPathTypeError))"
    )


def test_a_queue_whose_event_no_rule_makes_says_so() -> None:
    assert refused(FOREIGN, event_type=RETIRED).endswith("tried: none, for none makes it")


def test_of_very_many_rules_some_are_named() -> None:
    text = refused(FOREIGN, *[rule(f"r{number}", match={"type": "gone"}) for number in range(50)])

    assert "r19" in text
    assert "r20" not in text
    assert text.endswith("; and 30 more")


def test_a_rules_condition_and_its_fields_may_read_application_properties() -> None:
    asked = rule(
        match={"when": "property('origin') == 'hr'"}, fields={"user.userPrincipalName": "property('employee')"}
    )

    event = decode(FOREIGN, asked, application_properties={"origin": "hr", "employee": "berta@contoso.com"})

    assert isinstance(event, events.UserOffboarded)
    assert event.user_principal_name == "berta@contoso.com"


@pytest.mark.parametrize(("count", "end"), [(20, "; r19 (the type is another)"), (21, "; and 1 more")])
def test_it_is_said_how_many_rules_are_not_named_if_any(count: int, end: str) -> None:
    assert refused(FOREIGN, *[rule(f"r{number}", match={"type": "gone"}) for number in range(count)]).endswith(end)


def test_a_dry_run_that_no_rule_reads_is_refused_and_its_place_and_the_mend_told() -> None:
    assert refused({**FOREIGN, "dry_run": True}, rule("leaver")) == (
        "$.dry_run: is not read: give the rule a dryRun (mapped by the rule leaver)"
    )


def test_the_first_rule_that_matches_is_taken() -> None:
    second = rule("second", fields={"user.userPrincipalName": "'second@contoso.com'"})

    event = decode(FOREIGN, rule("none", match={"type": "x"}), second, rule("third"))

    assert isinstance(event, events.UserOffboarded)
    assert event.user_principal_name == "second@contoso.com"


@pytest.mark.parametrize(
    ("body", "properties", "matches"),
    [
        ({**FOREIGN, "type": "bye"}, {"origin": "hr"}, True),
        ({**FOREIGN, "eventType": "bye"}, {"origin": "hr"}, True),
        (FOREIGN, {"origin": "hr", "cloudEvents:type": "bye"}, True),
        ({**FOREIGN, "type": "bye"}, {"origin": "hr", "cloudEvents:type": "hello"}, False),
        ({**FOREIGN, "type": "bye bye"}, {"origin": "hr"}, False),
        ({**FOREIGN, "type": "bye"}, {"origin": "HR"}, False),
        ({**FOREIGN, "type": "bye"}, {}, False),
        ({**FOREIGN, "type": "bye", "kind": "hello"}, {"origin": "hr"}, False),
    ],
    ids=["plain type", "event grid", "cloud event", "envelope first", "whole type", "property", "no property", "body"],
)
def test_all_that_a_rule_asks_for_must_hold(body: dict[str, Any], properties: dict[str, Any], matches: bool) -> None:
    if matches:
        assert decode(body, rule(match=BROAD), application_properties=properties).request.event_id == "message-1"
    else:
        assert "no mapping rule matches" in refused(body, rule(match=BROAD), application_properties=properties)


@pytest.mark.parametrize(("expected", "given"), [(True, 1), (1, True), (0, False), (1, "1")])
def test_a_property_is_compared_with_its_kind(expected: Any, given: Any) -> None:
    asked = rule(match={"properties": {"p": expected}})

    assert f"property p is another; the rule wants {json.dumps(expected)}" in refused(
        FOREIGN, asked, application_properties={"p": given}
    )


@pytest.mark.parametrize("user", [7, "id", ["id"], [], {}, None], ids=str)
def test_a_user_that_is_no_object_with_a_key_of_ours_is_somebody_elses(user: Any) -> None:
    assert not decoding.is_ours({"user": user}, events.UserOffboarded.TYPE)
