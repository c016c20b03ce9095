"""The commands of two documents, as they stand there, on emulated services."""

import re
import shlex
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Offboard

ROOT = Path(__file__).parents[3]
COMMANDS = [
    command
    for page in ("mapping.md", "csv.md")
    for command in re.findall(r"^offboard .*$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_does_what_the_document_says(
    offboard: Offboard, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(ROOT)
    _, *arguments = shlex.split(command)

    result = offboard(*arguments)

    assert (result.exit_code, result.stdout != "") == (0, True), result.stderr


def test_the_documents_show_commands() -> None:
    assert {command.split()[1] for command in COMMANDS} == {"map", "preview", "send"}


def test_the_mapping_file_of_the_document_is_one(offboard: Offboard, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    mapping = tmp_path / "contoso.yaml"
    mapping.write_text(example, encoding="utf-8")
    body = '{"type": "com.contoso.hr.left", "employee": {"status": "left", "mail": "a@x.example", "lastDay": "2026-11-30"}}'

    result = offboard("map", "--mapping", str(mapping), "--property", "origin=hr", "-", typed=body)

    assert result.exit_code == 0
    assert '"effectiveAt": "2026-12-01T00:00:00+01:00"' in result.stdout
