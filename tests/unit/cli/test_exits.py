import asyncio
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from cli import exits, hosting


@pytest.fixture
def asking() -> typer.Typer:
    app = typer.Typer()

    @app.command()
    def ask(yes: bool = typer.Option(False, "--yes")) -> None:
        exits.confirm("Go?", yes=yes)
        typer.echo("went")

    return app


@pytest.mark.parametrize(
    ("arguments", "answer", "code", "says"),
    [
        (["--yes"], "", 0, "went"),
        ([], "y\n", 0, "went"),
        ([], "n\n", 2, "nothing was done"),
        ([], "", 2, "give --yes"),
    ],
    ids=["--yes", "yes", "no", "nobody there"],
)
def test_what_changes_something_asks_first(
    asking: typer.Typer, arguments: list[str], answer: str, code: int, says: str
) -> None:
    result = CliRunner().invoke(asking, arguments, input=answer)

    assert result.exit_code == code
    assert says in result.output


@pytest.mark.parametrize("answer", ["y\n", "n\n", ""], ids=["yes", "no", "nobody there"])
def test_a_question_leaves_standard_output_for_data(asking: typer.Typer, answer: str) -> None:
    result = CliRunner().invoke(asking, [], input=answer)

    assert result.stdout in {"", "went\n"}
    assert "Go? " in result.stderr


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_an_interruption_before_anything_changed_says_so(
    capsys: pytest.CaptureFixture[str], interruption: type[BaseException]
) -> None:
    with pytest.raises(interruption), exits.nothing_yet("nothing was sent"):
        raise interruption

    assert capsys.readouterr().err == "stopped: nothing was sent\n"


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["map", "--explain", "--mapping", "shared/mappings/bamboohr.yaml", "docs/samples/bamboohr.json"]],
)
def test_where_nobody_reads_on_it_ends_in_silence_as_a_shell_has_it(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        ended = subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            cwd=hosting.app_directory(),
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )

    assert (ended.returncode, ended.stderr) == (141, "")
