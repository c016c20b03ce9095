import importlib.metadata
import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli import main
from cli.commands import examples

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

    commands = CliRunner().invoke(main.app, ["--help"]).stdout.partition("Commands:\n")[2].partition("\n\n")[0]

    assert len(commands.splitlines()) == len(COMMANDS)
    assert "..." not in commands


def commands() -> Iterator[tuple[list[str], Any]]:
    """Each command, and each group, by the words that call it."""

    def below(words: list[str], command: Any) -> Iterator[tuple[list[str], Any]]:
        yield words, command
        for name, each in getattr(command, "commands", {}).items():
            yield from below([*words, name], each)

    yield from below([], typer.main.get_command(main.app))


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=lambda words: " ".join(words) or "offboard")
def test_each_help_ends_with_examples_of_the_command_each_on_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    shown = CliRunner().invoke(main.app, [*words, "--help"]).stdout

    told = [line.strip() for line in shown.partition("  Examples:\n")[2].splitlines()]
    assert told == list(examples.OF[" ".join(words) or examples.OVERVIEW])
    assert all(f"{' '.join(['offboard', *words])}" in each for each in told)
    assert max(map(len, shown.splitlines())) <= 80


def test_there_are_examples_of_nothing_else() -> None:
    assert set(examples.OF) == {" ".join(words) or examples.OVERVIEW for words, _ in commands()}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_be_taught_to_complete(monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")

    result = CliRunner().invoke(main.app, ["--show-completion", shell])

    assert result.exit_code == 0
    assert "_OFFBOARD_COMPLETE" in result.stdout


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(main.app, ["--version"])

    assert (result.exit_code, result.stdout) == (0, f"offboard {importlib.metadata.version('autopilot-offboarding')}\n")


@pytest.mark.parametrize("arguments", [["status", "x", "--type", "nowhere"], ["unassign", "x", "--path", "nowhere"]])
def test_a_word_that_is_none_of_the_few_is_refused_in_our_words(arguments: list[str]) -> None:
    result = CliRunner().invoke(main.app, arguments)

    assert result.exit_code == 2
    assert re.search(r"Invalid value for '--\w+': 'nowhere' is not one of [\w.-]+, [\w.-]+\.", result.stderr)


COMPLETED = [
    ("dlq list --reason GraphP", ["GraphPermissionDenied"]),
    ("dlq list --queue dev", ["device-retirement"]),
    ("send --queue user", ["user-offboarding"]),
    ("status --type dev", ["device.retired"]),
    ("unassign --path dep", ["deployment-profile"]),
]


@pytest.mark.parametrize(("line", "offered"), COMPLETED, ids=[line for line, _ in COMPLETED])
def test_a_shell_completes_reasons_queues_and_the_few_words_of_an_option(line: str, offered: list[str]) -> None:
    words = ["offboard", *line.split()]
    environment = {
        "_OFFBOARD_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "USER_OFFBOARDING_QUEUE": "user-offboarding",
        "DEVICE_RETIREMENT_QUEUE": "device-retirement",
    }

    result = CliRunner().invoke(main.app, [], prog_name="offboard", env=environment)

    assert result.stdout.split() == offered
