"""A fault of a body is shown as it is, and no correction hides it."""

import json
import stat
from pathlib import Path

import pytest

from cli.parts import LocalParts
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import LEAVER, Bury, active, dead

TWICE = b'{"user": {"userPrincipalName": "a@x.example"}, "dryRun": true, "dryRun": false}'


@pytest.fixture
def editor(settings: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Settings with an editor that keeps what it was given, and saves it with a space behind."""
    script = tmp_path / "editor"
    script.write_text(f'#!/bin/sh\ncp "$1" {tmp_path}/seen\necho " " >> "$1"\n', encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return settings | {"EDITOR": str(script)}


def test_a_key_that_is_there_twice_is_shown_twice(offboard: Offboard, bury: Bury) -> None:
    bury("f-1", TWICE, reason="InvalidMessage")
    bury("f-2")

    shown, sound = offboard("dlq", "show", "f-1"), offboard("dlq", "show", "f-2")

    assert shown.stdout.count('"dryRun"') == 2
    assert "$.dryRun: " in shown.stdout
    assert '\n    "user": {' in sound.stdout, "what can be read is indented"


def test_an_editor_is_given_the_fault_to_mend_and_no_edit_mends_it_unseen(
    offboard: Offboard, bury: Bury, parts: LocalParts, editor: dict[str, str], tmp_path: Path
) -> None:
    bury("f-3", TWICE, reason="InvalidMessage")

    result = offboard("dlq", "replay", "f-3", "--edit", typed="n\n", settings=editor)

    assert (tmp_path / "seen").read_bytes().strip() == TWICE
    assert result.exit_code == 2
    assert "not a valid user.offboarded: $.dryRun: " in result.stderr
    assert (active(parts), dead(parts)) == ([], ["f-3"])


@pytest.mark.parametrize(
    ("properties", "arguments", "says"),
    [
        ({"replay": 5, "replayOf": "f"}, [], "raise --max-replays"),
        ({"replay": 1, "replayOf": "f"}, ["--max-replays", "1"], "was replayed once already"),
        ({}, ["--override", "--because", "x"], "leave --override out"),
    ],
    ids=["replayed five times", "more often than asked for", "nothing to override"],
)
def test_what_no_edit_mends_is_refused_before_the_editor_opens(  # noqa: PLR0917 - a row and its fixtures
    offboard: Offboard,
    bury: Bury,
    editor: dict[str, str],
    tmp_path: Path,
    properties: dict[str, object],
    arguments: list[str],
    says: str,
) -> None:
    name = f"f-4-{says}"
    bury(name, b"{", reason="InvalidMessage", **properties)

    result = offboard("dlq", "replay", name, "--edit", *arguments, "--json", settings=editor)

    (row,) = json.loads(result.stdout)["deadLetters"]
    assert (result.exit_code, row["result"]) == (1, "refused")
    assert says in row["detail"]
    assert not (tmp_path / "seen").exists()


@pytest.mark.parametrize(("times", "code", "sent"), [("2", 1, 0), ("3", 0, 1)])
def test_how_often_a_message_may_be_replayed_is_asked_for(  # noqa: PLR0917 - a row and its fixtures
    offboard: Offboard, bury: Bury, parts: LocalParts, times: str, code: int, sent: int
) -> None:
    bury(f"often-{times}:r2", LEAVER, replay=2, replayOf=f"often-{times}")

    result = offboard("dlq", "replay", "--all", "--max-replays", times, "--yes")

    assert (result.exit_code, len(active(parts))) == (code, sent)
