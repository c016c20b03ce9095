"""Pipelines and the compose file: valid by their schemas, and they run what they must."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
CI, DEPLOY = ROOT / ".github/workflows/ci.yml", ROOT / ".github/workflows/deploy.yml"
DEVOPS = ROOT / ".azuredevops/azure-pipelines.yml"
NIGHTLY, DEVOPS_NIGHTLY = ROOT / ".github/workflows/nightly.yml", ROOT / ".azuredevops/nightly.yml"
EACH_NIGHT = {"proof", "chaos", "fuzz", "soak", "mutation", "audit"}
MUST_RUN = (".ci/run", "az bicep build", "az bicep lint", "make package", "make audit")


def document(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))


def commands(node: Any) -> list[str]:
    """Every `run`, `script` and `uses` in a pipeline."""
    if isinstance(node, list):
        return [each for item in node for each in commands(item)]
    if not isinstance(node, dict):
        return []
    own = [str(value) for key, value in node.items() if key in {"run", "script", "uses", "task", "inlineScript"}]
    return own + [each for value in node.values() for each in commands(value)]


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("github-workflows", CI),
        ("github-workflows", DEPLOY),
        ("github-workflows", NIGHTLY),
        ("compose-spec", ROOT / "docker-compose.yml"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_file_fits_its_schema(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]

    checked = subprocess.run(command, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", [CI, DEVOPS], ids=lambda path: path.parent.name)
def test_every_change_is_linted_tested_compiled_judged_and_packaged(path: Path) -> None:
    said = "\n".join(commands(document(path)))

    assert not [command for command in MUST_RUN if command not in said]
    assert "ps-rule" in said


def test_a_deployment_comes_after_all_checks_and_needs_approval_and_no_secret() -> None:
    deploy = document(DEPLOY)["jobs"]["deploy"]

    assert deploy["needs"] == "ci"
    assert document(DEPLOY)["jobs"]["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert deploy["environment"] == "production"
    assert deploy["permissions"] == {"contents": "read", "id-token": "write"}
    assert "secrets." not in DEPLOY.read_text(encoding="utf-8")


def test_what_was_tested_is_what_is_deployed() -> None:
    said = "\n".join(commands(document(DEPLOY)))

    assert "azd deploy worker --from-package build/package.zip" in said


def test_each_night_all_is_played_that_takes_too_long_for_every_change() -> None:
    nightly = document(NIGHTLY)
    job = nightly["jobs"]["make"]
    played = job["strategy"]["matrix"]["include"]

    assert set(nightly["on"]) == {"schedule", "workflow_dispatch"}
    assert {each["target"] for each in played} == EACH_NIGHT
    assert 'make "$TARGET" ARGS="$ARGS"' in "\n".join(commands(job))
    assert job["strategy"]["fail-fast"] is False
    assert all(20 <= each["minutes"] <= 120 for each in played)


def test_azure_devops_plays_the_same_each_night() -> None:
    nightly = document(DEVOPS_NIGHTLY)
    [job] = nightly["jobs"]

    assert nightly["schedules"][0]["always"] is True
    assert {name: each["target"] for name, each in job["strategy"]["matrix"].items()} == {
        each: each for each in EACH_NIGHT
    }
    assert 'make "$(target)"' in "\n".join(step.get("bash", "") for step in job["steps"])


@pytest.mark.parametrize("target", sorted(EACH_NIGHT))
def test_what_is_played_each_night_is_a_target_of_make(target: str) -> None:
    assert f"\n{target}: " in (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [CI, DEPLOY, NIGHTLY], ids=lambda path: path.name)
def test_a_job_may_do_no_more_than_read_the_repository_unless_it_says_so(path: Path) -> None:
    assert document(path)["permissions"] == {"contents": "read"}


def test_the_emulator_of_microsoft_gets_the_queues_that_are_deployed() -> None:
    [volume] = document(ROOT / "docker-compose.yml")["services"]["servicebus"]["volumes"]

    assert "./infra/servicebus.json" in volume
