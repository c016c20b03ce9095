"""`make infra-check`: what it prints, and how it ends."""

from pathlib import Path

import pytest

from infra.checks import __main__ as command
from infra.checks import parameters, queries

CHECKS = {"parameters": parameters.check}


def test_it_ends_with_0_where_there_is_no_problem(infra: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(infra, CHECKS) == 0
    assert capsys.readouterr().out == "parameters: no problems\n"


def test_it_ends_with_1_and_names_the_problem(infra: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = infra / "modules" / "identity.bicep"
    file.write_text(file.read_text(encoding="utf-8").replace("Required. Name", "Name"), encoding="utf-8")

    assert command.main(infra, CHECKS) == 1
    told = capsys.readouterr().out.splitlines()
    assert told == [
        "parameters: 1 problem",
        "  identity.bicep:3 name: its description must begin with 'Required.'",
    ]


def test_it_ends_with_2_where_a_checker_is_missing(infra: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def missing(root: Path) -> list[str]:
        raise queries.Unavailable("install it")

    assert command.main(infra, {"language": missing, **CHECKS}) == 2
    captured = capsys.readouterr()
    assert (captured.err, captured.out) == ("language: not checked: install it\n", "parameters: no problems\n")
