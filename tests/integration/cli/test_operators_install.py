"""The operator's commands, with what docs/deploy.md has an operator install, on emulated services."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo import tenant
from cli.parts import USER_OFFBOARDING, LocalParts
from shared.settings import reading
from tests.integration.cli import operators_command
from tests.integration.cli.recorded import before, unassigned, write

LEAVER = "adele.vance@contoso.example"


class Operator:
    """Somebody at a terminal, with the settings of a deployment."""

    def __init__(self, parts: LocalParts, journal: Path) -> None:
        self._environment = {**reading.process_environment(), **parts.environment(journal)}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tests.integration.cli.operators_command", *arguments],
            cwd=operators_command.ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )


@pytest.fixture(scope="module")
def parts() -> Iterator[LocalParts]:
    with LocalParts(tenant.build()) as started:
        yield started


@pytest.fixture
def operator(parts: LocalParts, tmp_path: Path) -> Operator:
    journal = tmp_path / "journal.sqlite3"
    write(journal, *unassigned(before(parts.graph.tenant, "given away")))
    return Operator(parts, journal)


def test_the_page_names_few_packages() -> None:
    assert operators_command.beside_the_service() == ["click", "packaging", "PyJWT", "rich", "typer"]


def test_all_is_found_to_be_set_up(operator: Operator) -> None:
    done = operator.run("doctor", "--json")

    assert (done.returncode, json.loads(done.stdout) != {}) == (0, True), done.stderr


def test_an_event_can_be_sent(operator: Operator, parts: LocalParts) -> None:
    done = operator.run("send", "--user", LEAVER, "--dry-run", "--yes")

    assert done.returncode == 0, done.stderr
    [message] = parts.service_bus.snapshot(USER_OFFBOARDING).active
    assert json.loads(message.body)["dryRun"] is True


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["dlq", "list"], id="dead letters"),
        pytest.param(["preview", "--user", LEAVER], id="a preview"),
        pytest.param(["status", "HR-1"], id="what became of an event"),
        pytest.param(["undo", "HR-1"], id="an undoing"),
        pytest.param(["unassign", tenant.identifier("adele's laptop"), "--what-if"], id="a call by hand"),
    ],
)
def test_a_command_has_all_that_it_needs(operator: Operator, arguments: list[str]) -> None:
    done = operator.run(*arguments)

    assert (done.returncode, done.stdout != "") == (0, True), done.stderr
