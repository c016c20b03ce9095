"""The scripts that grant the Graph permission, with a stand-in for `az` that writes down what it was asked."""

import json
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "infra" / "graph"
PRINCIPAL = "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11"
GRAPH = "11111111-2222-3333-4444-555555555555"
ROLE = "5ac13192-7ace-4fcf-b828-1a26f28068ee"
AZ = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> {log}
case "$*" in
  "cloud show"*) echo https://graph.microsoft.com/ ;;
  "ad sp show"*) echo {graph} ;;
  *"--method GET"*) echo {granted} ;;
  *"--method POST"*) exit {refused} ;;
esac
"""


class Az:
    """`az` in a folder of its own; `granted` is what it says of assignments that are there."""

    def __init__(self, folder: Path, *, granted: int = 0, refused: int = 0) -> None:
        self._log = folder / "log"
        self._folder = folder
        script = folder / "az"
        script.write_text(AZ.format(log=self._log, graph=GRAPH, granted=granted, refused=refused), encoding="utf-8")
        script.chmod(0o755)

    def run(self, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self._folder}:/usr/local/bin:/usr/bin:/bin"
        command = [str(SCRIPTS / script), *arguments]
        return subprocess.run(
            command, env={"PATH": path, **environment}, capture_output=True, text=True, check=False, timeout=30
        )

    @property
    def posts(self) -> list[str]:
        calls = self._log.read_text(encoding="utf-8").splitlines() if self._log.exists() else []
        return [call for call in calls if "--method POST" in call]


def test_it_grants_the_one_permission_to_the_identity(tmp_path: Path) -> None:
    az = Az(tmp_path)

    done = az.run("grant.sh", PRINCIPAL)

    assert (done.returncode, done.stderr) == (0, "")
    [post] = az.posts
    assert f"https://graph.microsoft.com/v1.0/servicePrincipals/{PRINCIPAL}/appRoleAssignments" in post
    body = json.loads(post.partition("--body ")[2])
    assert body == {"principalId": PRINCIPAL, "resourceId": GRAPH, "appRoleId": ROLE}


def test_it_grants_nothing_twice(tmp_path: Path) -> None:
    az = Az(tmp_path, granted=1)

    done = az.run("grant.sh", APP_PRINCIPAL_ID=PRINCIPAL)

    assert (done.returncode, done.stdout) == (0, "already granted\n")
    assert az.posts == []


@pytest.mark.parametrize("arguments", [[], ["me"], [PRINCIPAL + "'"]], ids=["none", "no GUID", "more"])
def test_an_identity_that_is_none_is_refused_before_anything_is_asked(tmp_path: Path, arguments: list[str]) -> None:
    az = Az(tmp_path)

    done = az.run("grant.sh", *arguments)

    assert done.returncode == 2
    assert "APP_PRINCIPAL_ID" in done.stderr
    assert not az.posts


def test_a_refusal_is_an_error(tmp_path: Path) -> None:
    assert Az(tmp_path, refused=1).run("grant.sh", PRINCIPAL).returncode == 1


def test_a_deployment_does_not_fail_for_want_of_a_permission_and_says_who_must_do_what(tmp_path: Path) -> None:
    done = Az(tmp_path, refused=1).run("postprovision.sh", APP_PRINCIPAL_ID=PRINCIPAL)

    assert done.returncode == 0
    assert f"have an administrator run infra/graph/grant.sh {PRINCIPAL}" in done.stderr


def test_a_pipeline_that_cannot_see_whether_it_is_granted_does_not_say_that_it_is_not(tmp_path: Path) -> None:
    az = Az(tmp_path)
    (tmp_path / "az").write_text("#!/bin/sh\necho 'Please run az login' >&2\nexit 1\n", encoding="utf-8")

    done = az.run("postprovision.sh", APP_PRINCIPAL_ID=PRINCIPAL)

    assert done.returncode == 0
    assert "could not be granted, or seen, from here. If it is not granted yet" in done.stderr
    assert "is not granted" not in done.stderr.replace("If it is not granted yet", "")


def test_what_the_deployment_granted_is_left_alone(tmp_path: Path) -> None:
    az = Az(tmp_path)

    assert az.run("postprovision.sh", GRANT_GRAPH_PERMISSION="true", APP_PRINCIPAL_ID=PRINCIPAL).returncode == 0
    assert az.posts == []
