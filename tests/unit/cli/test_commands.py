import importlib.metadata
import re

import pytest
import typer
from typer.testing import CliRunner

from cli import main

COMMANDS = ("host", "up", "demo", "send", "unassign", "preview", "status", "undo", "map", "doctor", "dlq")


def test_help_names_every_command() -> None:
    result = CliRunner().invoke(main.app, ["--help"])

    assert result.exit_code == 0
    assert all(f" {command} " in result.stdout for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(main.app, [command, "-h"])

    assert result.exit_code == 0
    assert "Usage: " in result.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["send", "--nonsense"], ["up", "--graph-port", "many"]])
def test_a_mistyped_command_is_a_usage_error(arguments: list[str]) -> None:
    assert CliRunner().invoke(main.app, arguments).exit_code == 2


@pytest.mark.parametrize("command", ["send", "preview", "up", "unassign", "status", "undo", "doctor"])
def test_help_at_80_columns_names_every_option_in_full(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    known = typer.main.get_group(main.app).commands[command]

    shown = CliRunner().invoke(main.app, [command, "--help"]).stdout

    assert all(
        re.search(rf"{option}[ ,]", shown)
        for parameter in known.params
        for option in parameter.opts
        if option[0] == "-"
    )
    assert "--no-" not in shown
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_overview_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    commands = CliRunner().invoke(main.app, ["--help"]).stdout.partition("Commands:\n")[2]

    assert len(commands.splitlines()) == len(COMMANDS)
    assert "..." not in commands


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(main.app, ["--version"])

    assert (result.exit_code, result.stdout) == (0, f"offboard {importlib.metadata.version('autopilot-offboarding')}\n")
