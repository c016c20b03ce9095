import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from cli import events
from shared.domain.events import AutopilotDeviceKey, DeviceRetired, UserOffboarded

UPN = "anna@contoso.example"


def test_a_user_makes_an_offboarding() -> None:
    event = events.from_options({"userPrincipalName": UPN, "id": None, "previousUserPrincipalNames": None}, {}, {})

    decoded = event.decoded()
    assert isinstance(decoded, UserOffboarded)
    assert decoded.user_principal_name == UPN
    assert decoded.request.event_id == event.event_id == json.loads(event.body())["eventId"]


def test_a_device_makes_a_retirement() -> None:
    actions = ["unassignUser", "unassignResourceAccount"]

    event = events.from_options({}, {"autopilotDeviceId": "d1", "serialNumber": None}, {"actions": actions})

    decoded = event.decoded()
    assert isinstance(decoded, DeviceRetired)
    assert decoded.device == AutopilotDeviceKey("d1")  # type: ignore[arg-type]  # a plain text will do
    assert [action.value for action in decoded.actions] == actions


@pytest.mark.parametrize(
    ("leaver", "device", "retirement", "says"),
    [
        ({}, {}, {}, "give either the user"),
        ({"userPrincipalName": UPN}, {"serialNumber": "SN-1"}, {}, "give either the user"),
        ({"userPrincipalName": UPN}, {}, {"assignedUserPrincipalName": UPN}, "go with a device"),
        ({}, {"serialNumber": "SN-1", "autopilotDeviceId": "d"}, {}, "$.device: needs exactly one of"),
        ({"userPrincipalName": "anna"}, {}, {}, "$.user.userPrincipalName: must be a user principal name"),
        ({"id": "anna"}, {}, {}, "$.user.id: must be a GUID"),
    ],
    ids=["nothing", "both", "a device's option", "two keys", "no name", "no GUID"],
)
def test_options_that_make_no_event_are_refused(
    capsys: pytest.CaptureFixture[str],
    leaver: dict[str, Any],
    device: dict[str, Any],
    retirement: dict[str, Any],
    says: str,
) -> None:
    with pytest.raises(typer.Exit) as end:
        events.from_options(leaver, device, retirement)

    assert end.value.exit_code == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("device", "retirement"),
    [({"serialNumber": "SN-1"}, {"assignedUserPrincipalName": ""}), ({"serialNumber": ""}, {})],
    ids=["whose user must be", "which device"],
)
def test_an_empty_option_is_refused_and_not_taken_for_none(device: dict[str, Any], retirement: dict[str, Any]) -> None:
    with pytest.raises(typer.Exit):
        events.from_options({}, device, retirement)


def test_an_empty_event_id_is_refused_and_not_replaced() -> None:
    with pytest.raises(typer.Exit):
        events.checked(UserOffboarded.TYPE, {"user": {"userPrincipalName": UPN}, "eventId": ""})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"user": {"userPrincipalName": UPN}}, "user.offboarded"),
        ({"device": {"serialNumber": "SN-1"}}, "device.retired"),
    ],
    ids=["a user", "a device"],
)
def test_a_file_tells_by_its_content_which_event_it_is(tmp_path: Path, content: dict[str, Any], kind: str) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(content), encoding="utf-8")

    assert events.from_file(file).type == kind


def test_a_dash_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps({"eventId": "E-1", "device": {"serialNumber": "SN-1"}}).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))

    assert events.from_file(Path("-")).event_id == "E-1"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "event.json: $: must be JSON"),
        (b'{"user": {"userPrincipalName": 7}}', "$.user.userPrincipalName: must be a string"),
        (b'{"device": {"serialNumber": "SN-1"}, "dryrun": true}', "$.dryrun: is not a key; did you mean dryRun?"),
        (b"{}", "$.user: is required"),
    ],
    ids=["no JSON", "a wrong type", "a mistyped key", "nothing"],
)
def test_a_file_that_is_no_event_is_refused_by_its_path_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(content)

    with pytest.raises(typer.Exit) as end:
        events.from_file(file)

    assert end.value.exit_code == 2
    assert says in capsys.readouterr().err


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        events.from_file(tmp_path / "nowhere.json")

    assert "nowhere.json cannot be read: No such file" in capsys.readouterr().err


def test_a_file_and_options_at_once_are_refused(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit):
        events.chosen(tmp_path / "event.json", {"userPrincipalName": UPN}, {}, {})


def test_fields_are_laid_over_the_event() -> None:
    event = events.from_options({"userPrincipalName": UPN}, {}, {})

    changed = event.with_fields({"ticket": "T-1", "eventId": "E-1", "dryRun": None})

    assert (changed.event_id, changed.decoded().request.ticket) == ("E-1", "T-1")
    assert "dryRun" not in changed.data


def test_an_envelope_in_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "event.json"
    envelope = {
        "specversion": "1.0",
        "id": "e1",
        "type": "user.offboarded",
        "data": {"user": {"userPrincipalName": UPN}},
    }
    file.write_text(json.dumps(envelope), encoding="utf-8")

    with pytest.raises(typer.Exit):
        events.from_file(file)

    assert "CloudEvents envelope" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (
            {"user": {"userPrincipalName": UPN}, "efectiveAt": "x"},
            "$.efectiveAt is not read; did you mean effectiveAt?",
        ),
        ({"user": {"userPrincipleName": UPN, "id": "x"}}, "$.user.userPrincipleName is not read; did you mean"),
        ({"device": {"serialNumber": "S"}, "dryRn": True}, "did you mean dryRun?"),
    ],
)
def test_a_key_that_is_nearly_right_is_asked_about(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, data: dict[str, Any], says: str
) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(data), encoding="utf-8")

    with pytest.raises(typer.Exit) as end:
        events.from_file(path)

    assert end.value.exit_code == 2
    assert says in capsys.readouterr().err


def test_other_keys_that_nobody_knows_are_sent_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"user": {"userPrincipalName": UPN, "office": "B"}, "site": "A"}), encoding="utf-8")

    assert events.from_file(path).data["site"] == "A"
