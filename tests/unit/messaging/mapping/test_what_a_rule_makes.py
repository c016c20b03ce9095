import json
from typing import Any

import pytest

from tests.unit.messaging.mapping.foreign import FIELDS, FOREIGN, decode, refused, rule


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"user.userPrincipalName": "`7`"}, "$.user.userPrincipalName: must be a string (mapped by the rule leaver)"),
        ({"user.userPrincipalName": "nothing"}, "$.user: is required (mapped by the rule leaver)"),
        (
            {"user.userPrincipalName": "employee.mail", "effectiveAt": "'tomorrow'"},
            "$.effectiveAt: must be an RFC 3339 time with an offset, such as 2026-11-22T09:30:00Z (mapped by the rule leaver)",
        ),
        (
            {"user.userPrincipalName": "join('', [employee.mail, nothing])"},
            "$.user.userPrincipalName: the expression cannot be evaluated for this message (JMESPathTypeError) (mapped by the rule",
        ),
        (
            {"user.userPrincipalName": "employee"},
            "$.user.userPrincipalName: must be a string (mapped by the rule leaver)",
        ),
        ({"user.userPrincipalName": "`1e400`"}, "$.user.userPrincipalName: Infinity is not a JSON number"),
    ],
    ids=["a wrong type", "nothing", "a wrong form", "no value", "an object", "infinity"],
)
def test_what_a_rule_makes_keeps_the_contract_or_says_where_it_does_not(fields: dict[str, str], says: str) -> None:
    assert refused(FOREIGN, rule(fields=fields)).startswith(says)


@pytest.mark.parametrize(
    ("body", "properties", "event_id"),
    [
        ({**FOREIGN, "specversion": "1.0", "id": "e-1"}, {}, "e-1"),
        (FOREIGN, {"cloudEvents:specversion": "1.0", "cloudEvents:id": "e-2", "cloudEvents:type": "bye"}, "e-2"),
        ({**FOREIGN, "id": "e-3"}, {}, "message-1"),
        ({**FOREIGN, "specversion": "1.0", "id": "e" * 129}, {}, "message-1"),
        ({**FOREIGN, "specversion": "1.0", "id": 4}, {}, "message-1"),
    ],
    ids=["structured", "binary", "no envelope", "too long", "no text"],
)
def test_the_event_is_named_by_its_envelope_or_its_message(
    body: dict[str, Any], properties: dict[str, Any], event_id: str
) -> None:
    assert decode(body, application_properties=properties).request.event_id == event_id


def test_a_rule_may_name_the_event() -> None:
    fields = {**FIELDS, "eventId": "join('-', ['hr', number])"}

    event = decode({**FOREIGN, "number": "7", "specversion": "1.0", "id": "e"}, rule(fields=fields))

    assert event.request.event_id == "hr-7"


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        ({**FOREIGN, "dryRun": True}, {}),
        ({**FOREIGN, "dry_run": "yes"}, {}),
        ({**FOREIGN, "data": {"DryRun": 1}}, {}),
        (FOREIGN, {"dryRun": True}),
        (FOREIGN, {"cloudEvents:dryrun": True}),
    ],
)
def test_a_dry_run_that_no_rule_reads_is_refused_and_never_live(
    body: dict[str, Any], properties: dict[str, Any]
) -> None:
    assert "is not read: give the rule a dryRun" in refused(body, application_properties=properties)


def test_a_dry_run_that_the_rule_reads_is_dry() -> None:
    fields = {**FIELDS, "dryRun": "dry_run == 'yes'"}

    assert decode({**FOREIGN, "dry_run": "yes"}, rule(fields=fields)).request.dry_run is True
    assert decode({**FOREIGN, "dry_run": "no"}, rule(fields=fields)).request.dry_run is False


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[]", "$: must be a JSON object"),
        (b"{", "$: must be JSON"),
        (json.dumps({**FOREIGN, "filler": "x" * 200_000}).encode(), "$: the body has"),
        (b'{"kind": "bye", "kind": "bye"}', "the key is given twice"),
    ],
    ids=["an array", "no JSON", "too large", "a key twice"],
)
def test_the_limits_of_a_body_hold_before_any_rule(body: bytes, says: str) -> None:
    assert says in refused(body)


def test_what_a_rule_makes_keeps_the_limits_of_a_body_too() -> None:
    fields = {**FIELDS, "reason": "to_string([@, @])"}

    assert "at most 196608 are allowed" in refused({**FOREIGN, "filler": "x" * 120_000}, rule(fields=fields))
