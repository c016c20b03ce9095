"""How what is printed looks: whole where it is piped, within 80 columns on a terminal, colourless where nobody wants colours."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.demo.tenant import identifier, user
from cli.parts import LocalParts
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import Bury, bury  # noqa: F401 - a fixture
from tests.integration.cli.recorded import before, ended, unassigned, write
from tests.integration.cli.terminals import in_a_terminal

EVENT = "an-event-id-as-long-as-some-systems-make-them-servicenow-000018d9f9e863008ff068a048a5d115-2026-11-20"
LAPTOP = identifier("adele's laptop")
STYLED = re.compile(r"\x1b\[[0-9;]*m")
COLOURED = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|38|48)(?:;[0-9;]*)?m")
MOVES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

COMMANDS: Mapping[str, tuple[list[str], str]] = {
    "preview": (["preview", "--user", user("adele.vance")], LAPTOP),
    "preview of a file": (["preview", "--csv", "leavers.csv"], LAPTOP),
    "unassign": (["unassign", LAPTOP, "--what-if"], LAPTOP),
    "status": (["status", EVENT], EVENT),
    "status of a user": (["status", "--user", user("adele.vance")], EVENT),
    "status of a ticket": (["status", "--ticket", "CHG-1"], f"{EVENT}-11"),
    "undo": (["undo", EVENT], LAPTOP),
    "dlq list": (["dlq", "list"], "InvalidMessage"),
    "dlq list, each": (["dlq", "list", "--messages"], user("a.leaver.with.a.very.long.name.indeed.to.fill.the.column")),
    "dlq show": (["dlq", "show", "look-1"], "look-1"),
    "dlq replay": (["dlq", "replay", "--queue", "user-offboarding"], "correct it with --edit or --body FILE"),
    "dlq discard": (["dlq", "discard", "look-1", "--because", "x"], "wouldDiscard"),
    "doctor": (["doctor"], "unassignment-verification: receive and send"),
    "map": (["map", "--explain", "--mapping", "workday.yaml", "workday.json"], "user.userPrincipalName"),
    "send": (["send", "--csv", "leavers.csv", "--dry-run", "--yes"], "user-offboarding"),
}
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _something_to_show(
    parts: LocalParts,
    bury: Bury,  # noqa: F811 - the fixture
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "leavers.csv").write_text(f"userPrincipalName\n{user('adele.vance')}\n", encoding="utf-8")
    (tmp_path / "workday.yaml").symlink_to(ROOT / "shared" / "mappings" / "workday.yaml")
    (tmp_path / "workday.json").symlink_to(ROOT / "docs" / "samples" / "workday.json")
    event = f"user.offboarded:{EVENT}"
    laptop = before(parts.graph.tenant, "adele's laptop")
    ends = (ended(f"{event}-{number}", ticket="CHG-1") for number in range(12))
    write(tmp_path / "journal.sqlite3", *unassigned(laptop, event), *ends)
    if not parts.service_bus.snapshot("user-offboarding").dead_lettered:
        bury("look-1", b"{", reason="InvalidMessage", description="$: must be JSON")
        leaver = {"user": {"userPrincipalName": user("a.leaver.with.a.very.long.name.indeed.to.fill.the.column")}}
        bury("look-2", leaver, reason="GraphPermissionDenied")


@pytest.mark.parametrize(("arguments", "found"), COMMANDS.values(), ids=COMMANDS.keys())
def test_piped_nothing_is_cut_folded_padded_or_coloured(
    offboard: Offboard, settings: dict[str, str], arguments: list[str], found: str
) -> None:
    result = offboard(*arguments, settings=settings | {"COLUMNS": "80", "TERM": "xterm-256color"})

    assert any(found in line for line in result.stdout.splitlines()), result.output
    assert "\x1b" not in result.output
    assert "…" not in result.output
    assert [line for line in result.stdout.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize(("arguments", "found"), COMMANDS.values(), ids=COMMANDS.keys())
def test_on_a_terminal_it_fits_80_columns_and_cuts_nothing(
    settings: dict[str, str], tmp_path: Path, arguments: list[str], found: str
) -> None:
    _, shown = in_a_terminal(arguments, settings, tmp_path)

    plain = MOVES.sub("", shown)
    assert "…" not in plain
    assert found.replace(" ", "") in re.sub(r"\s", "", plain)
    could_be_shorter = [line for line in plain.splitlines() if len(line) > 80 and max(map(len, line.split())) < 30]
    assert could_be_shorter == []


def test_colours_are_shown_on_a_terminal_and_not_to_whoever_wants_none(
    settings: dict[str, str], tmp_path: Path
) -> None:
    _, coloured = in_a_terminal(["doctor"], settings, tmp_path)
    _, plain = in_a_terminal(["doctor"], settings | {"NO_COLOR": "1"}, tmp_path)

    assert COLOURED.search(coloured)
    assert not COLOURED.search(plain)


@pytest.mark.parametrize("arguments", [each for each, _ in COMMANDS.values()], ids=COMMANDS.keys())
def test_json_is_one_document_of_data_alone(offboard: Offboard, arguments: list[str]) -> None:
    result = offboard(*arguments, "--json")

    json.loads(result.stdout)
