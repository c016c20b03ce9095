from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from cli import option_groups


@dataclass(frozen=True, kw_only=True)
class Place:
    city: Annotated[str | None, typer.Option(help="The city.")] = None
    streets: Annotated[list[str] | None, typer.Option("--street", help="A street.")] = None


def test_a_group_is_given_by_its_options_and_arrives_as_one() -> None:
    arrived: list[tuple[Place, int]] = []
    app = typer.Typer()

    @app.command()
    @option_groups.opened
    def go(place: Place, number: Annotated[int, typer.Option(help="How many.")] = 3) -> None:
        """Go there."""
        arrived.append((place, number))

    shown = CliRunner().invoke(app, ["--help"])
    codes = [
        CliRunner().invoke(app, arguments).exit_code
        for arguments in ([], ["--city", "Ulm", "--street", "a", "--street", "b", "--number", "4"], ["--place", "Ulm"])
    ]

    assert "Go there." in shown.stdout
    assert "--place" not in shown.stdout
    assert codes == [0, 0, 2]
    assert arrived == [(Place(), 3), (Place(city="Ulm", streets=["a", "b"]), 4)]
