"""Dead letters that a mapping file had turned into events: the command reads them by the same file."""

import json
from pathlib import Path

from cli.parts import LocalParts
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import Bury, active, acts

SAMPLE = Path(__file__).parents[4] / "docs" / "samples" / "bamboohr.json"
EVENT = "bamboohr-12345-2026-11-20T18:42:00+0000"


def test_a_mapped_message_is_understood_and_its_replay_noted_under_its_event(
    offboard: Offboard, settings: dict[str, str], bury: Bury, parts: LocalParts
) -> None:
    mapping = settings | {"MAPPING_FILE": "shared/mappings/bamboohr.yaml"}
    bury("hr-1", SAMPLE.read_bytes(), reason="TooManyDevices", description="20 devices")

    with_file = json.loads(offboard("dlq", "list", "--messages", "--json", settings=mapping).stdout)["deadLetters"]
    without = json.loads(offboard("dlq", "list", "--messages", "--json").stdout)["deadLetters"]
    shown = json.loads(offboard("dlq", "show", "hr-1", "--json", settings=mapping).stdout)
    override = ["--override", "--because", "a caretaker", "--operator", "adele@contoso.example"]
    replayed = offboard("dlq", "replay", "hr-1", *override, "--yes", settings=mapping)

    assert [row["about"] for row in with_file] == ["adele.vance@contoso.example"]
    assert [row["about"] for row in without] == [""]
    assert shown["event"] == {
        "eventId": EVENT,
        "occurredAt": "2026-11-20T18:42:00+00:00",
        "requestedBy": "BambooHR",
        "user": {"userPrincipalName": "adele.vance@contoso.example"},
    }
    assert replayed.exit_code == 0
    assert [each.body for each in active(parts)] == [SAMPLE.read_bytes()]
    assert acts(settings, f"user.offboarded:{EVENT}") != []
