"""The way of a malformed message with nothing but what the command says: understood, corrected, replayed, verified."""

import json
from pathlib import Path

from tests.integration.cli.conftest import Offboard
from tests.integration.cli.ups import FREE_PORTS, next_line, running, settings_told

DEVICE = "0b2c8f5e-0000-4000-8000-000000000001"
LEAVER = "anna@contoso.example"


def test_from_a_malformed_message_to_a_verified_device(offboard: Offboard, tmp_path: Path) -> None:
    tenant, corrected = tmp_path / "tenant.json", tmp_path / "corrected.json"
    device = {"id": DEVICE, "serialNumber": "SN-1", "userPrincipalName": LEAVER}
    tenant.write_text(json.dumps({"devices": [device]}), encoding="utf-8")
    malformed = {"eventId": "HR-1", "ticket": "CHG-1", "user": {"userPrincipleName": LEAVER}}
    with running("--tenant", str(tenant), *FREE_PORTS, VERIFY_AFTER="1s") as (process, said):
        settings = settings_told(said)
        given = json.dumps(malformed)
        offboard("send", "--raw", "-", "--message-id", "m-1", "--yes", typed=given, settings=settings)
        refused = next_line(process)

        listed = offboard("dlq", "list", settings=settings)
        each = json.loads(offboard("dlq", "list", "--messages", "--json", settings=settings).stdout)["deadLetters"]
        (number,) = [str(letter["number"]) for letter in each]
        shown = offboard("dlq", "show", number, settings=settings)
        corrected.write_text(shown.stdout.partition("\nbody\n")[2].partition("\n\n")[0].replace("iple", "ipal"))
        looked = offboard("dlq", "replay", number, "--body", str(corrected), settings=settings)
        replayed = offboard("dlq", "replay", number, "--body", str(corrected), "--yes", settings=settings)
        unassigned, verified = next_line(process), next_line(process)
        status = offboard("status", "--ticket", "CHG-1", "--json", settings=settings)
        left = offboard("dlq", "list", settings=settings)

    assert refused == "m-1 failed, dead-lettered InvalidMessage, attempt 1\n"
    assert "offboard dlq list --messages lists each; offboard dlq show NUMBER explains one." in listed.stdout
    assert "$.user: needs at least one of id, userPrincipalName" in shown.stdout
    assert "With a corrected body (--edit, --body FILE)" in shown.stdout
    assert "nothing was done: give --yes to go ahead" in looked.stdout
    assert replayed.stdout.endswith("offboard status HR-1 tells what became of it\n")
    assert unassigned == f"HR-1 unassigned: device {DEVICE}, unassignUser: unassigned, attempt 1\n"
    assert verified == f"HR-1 verified: device {DEVICE}, unassignUser: verified, attempt 1\n"
    (event,) = json.loads(status.stdout)["events"]
    assert [(run["run"], run["outcome"]) for run in event["runs"]] == [(1, "unassigned"), (1, "verified")]
    assert (event["waiting"], left.stdout) == ([], "no dead letters\n")
