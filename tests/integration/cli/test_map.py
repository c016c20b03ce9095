import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Offboard

ROOT = Path(__file__).parents[3]
MAPPINGS, SAMPLES = ROOT / "shared" / "mappings", ROOT / "docs" / "samples"
BAMBOO = ["--mapping", str(MAPPINGS / "bamboohr.yaml"), str(SAMPLES / "bamboohr.json")]
TWO_RULES = """
rules:
  - name: by-type
    event: user.offboarded
    match: {type: gone}
    fields: {user.userPrincipalName: mail}
  - name: by-body
    event: user.offboarded
    match: {when: mail}
    fields: {user.userPrincipalName: mail, eventId: "join('-', [mail, number])", ticket: number}
  - name: later
    event: user.offboarded
    match: {when: "@"}
    fields: {user.userPrincipalName: mail}
  - name: a-device
    event: device.retired
    match: {properties: {origin: hr, version: 2, live: true}}
    fields: {device.serialNumber: serial}
"""


@pytest.fixture
def mapping(tmp_path: Path) -> str:
    path = tmp_path / "hr.yaml"
    path.write_text(TWO_RULES, encoding="utf-8")
    return str(path)


def test_the_event_that_a_file_makes_of_a_message_is_shown(offboard: Offboard) -> None:
    result = offboard("map", *BAMBOO)

    assert result.exit_code == 0
    assert json.loads(result.stdout)["user"] == {"userPrincipalName": "adele.vance@contoso.example"}


def test_explained_it_shows_the_rule_and_each_fields_value(offboard: Offboard) -> None:
    result = offboard("map", "--explain", *BAMBOO)

    lines = [line.split() for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert ["bamboohr-inactive", "user.offboarded", "yes"] in lines
    assert any(line[:2] == ["user.userPrincipalName", '"adele.vance@contoso.example"'] for line in lines)


def test_explained_as_json_it_says_why_each_rule_does_not_match_and_which_field_fails(
    offboard: Offboard, mapping: str
) -> None:
    body = '{"mail": "a@x.example", "number": 7}'

    result = offboard("map", "--explain", "--json", "--mapping", mapping, "-", typed=body)

    shown = json.loads(result.stdout)
    assert result.exit_code == 1
    assert [(row["rule"], row["matches"], row["why"]) for row in shown["rules"]] == [
        ("by-type", False, "the type is another"),
        ("by-body", True, None),
        ("later", True, "an earlier rule"),
        ("a-device", False, 'the application property origin is absent; the rule wants "hr"'),
    ]
    assert (shown["rule"], shown["event"]) == ("by-body", None)
    assert [(row["field"], row["value"]) for row in shown["fields"]] == [
        ("user.userPrincipalName", "a@x.example"),
        ("eventId", None),
        ("ticket", 7),
    ]
    assert "invalid type for value: 7" in shown["fields"][1]["problem"]
    assert shown["error"].startswith("$.eventId: the expression cannot be evaluated")
    assert shown["error"].endswith("(mapped by the rule by-body)")


def test_a_message_that_would_be_dead_lettered_ends_with_1_and_its_reason(offboard: Offboard, mapping: str) -> None:
    result = offboard("map", "--mapping", mapping, "-", "--event", "device.retired", typed='{"mail": "a@x.example"}')

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "InvalidMessage: $: is no device.retired, and no mapping rule matches; "
        'tried: a-device (the application property origin is absent; the rule wants "hr")\n'
    )


def test_rules_for_another_queue_are_said_to_be(offboard: Offboard, mapping: str) -> None:
    options = ["--mapping", mapping, "--event", "device.retired", "--explain", "--json"]

    shown = json.loads(offboard("map", *options, "-", typed='{"mail": "a@x.example"}').stdout)

    assert [row["why"] for row in shown["rules"][:3]] == ["makes user.offboarded"] * 3


def test_application_properties_are_given_as_what_they_look_like(offboard: Offboard, mapping: str) -> None:
    properties = [part for each in ("origin=hr", "version=2", "live=true") for part in ("--property", each)]
    options = ["--mapping", mapping, "--event", "device.retired", *properties]

    result = offboard("map", *options, "-", typed='{"serial": "S=1"}')

    assert json.loads(result.stdout) == {"device": {"serialNumber": "S=1"}}


@pytest.mark.parametrize(
    ("body", "error"),
    [('{"user": {"userPrincipalName": "a@x.example"}}', None), ('{"user": {"userPrincipalName": "a"}}', "$.user.")],
    ids=["good", "bad"],
)
def test_a_message_of_the_contract_is_said_to_need_no_rule(
    offboard: Offboard, mapping: str, body: str, error: str | None
) -> None:
    result = offboard("map", "--explain", "--json", "--mapping", mapping, "-", typed=body)

    shown = json.loads(result.stdout)
    assert result.exit_code == (1 if error else 0)
    assert (shown["rule"], shown["rules"][2]["why"]) == (None, "the message is of the contract itself")
    assert shown["event"] == (None if error else json.loads(body))
    assert (shown["error"] or "").startswith(error or "")


def test_without_an_option_the_setting_names_the_file(offboard: Offboard, settings: dict[str, str]) -> None:
    named = settings | {"MAPPING_FILE": "shared/mappings/bamboohr.yaml"}

    assert offboard("map", str(SAMPLES / "bamboohr.json"), settings=named).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["-"], "{}", "give --mapping FILE, or set MAPPING_FILE"),
        (["--mapping", "nowhere.yaml", "-"], "{}", "nowhere.yaml cannot be read: No such file"),
        (["--mapping", BAMBOO[2], "-"], "{}", "bamboohr.json: must hold one key, rules"),
        ([*BAMBOO[:2], "nowhere.json"], "", "nowhere.json cannot be read"),
        ([*BAMBOO, "--property", "origin"], "", "--property takes NAME=VALUE"),
        ([*BAMBOO, "--event", "left"], "", "--event must be one of user.offboarded, device.retired"),
    ],
)
def test_what_cannot_be_tried_ends_with_2_and_the_mend(
    offboard: Offboard, arguments: list[str], typed: str, says: str
) -> None:
    result = offboard("map", *arguments, typed=typed)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize(
    ("typed", "says"), [("{", "$: must be JSON"), ("[]", "$: must be a JSON object")], ids=["no JSON", "no object"]
)
def test_what_is_no_message_of_any_shape_would_be_dead_lettered(offboard: Offboard, typed: str, says: str) -> None:
    told = offboard("map", *BAMBOO[:2], "-", "--explain", typed=typed)
    shown = offboard("map", *BAMBOO[:2], "-", "--json", typed=typed)

    assert (told.exit_code, told.stdout, shown.exit_code) == (1, "", 1)
    assert told.stderr.startswith(f"InvalidMessage: {says}")
    assert (json.loads(shown.stdout)["event"], json.loads(shown.stdout)["error"][: len(says)]) == (None, says)


@pytest.mark.parametrize("envelope", [False, True], ids=["the event itself", "in an envelope"])
def test_a_key_of_our_own_that_is_nearly_right_is_warned_of(offboard: Offboard, mapping: str, envelope: bool) -> None:
    event = {"user": {"userPrincipalName": "a@x.example"}, "efectiveAt": "2030-01-01"}
    cloud = {"specversion": "1.0", "id": "1", "source": "hr", "type": "x.user.offboarded", "data": event}

    result = offboard("map", "--mapping", mapping, "-", typed=json.dumps(cloud if envelope else event))

    assert result.exit_code == 0
    assert "warning: $.efectiveAt is not read; did you mean effectiveAt?" in result.stderr


def test_keys_of_another_shape_are_nobodys_slips(offboard: Offboard, mapping: str) -> None:
    result = offboard("map", "--mapping", mapping, "-", typed='{"mail": "a@x.example", "number": "7", "reasons": 1}')

    assert (result.exit_code, result.stderr) == (0, "")
