"""The deployment package at work: unpacked, under the worker library, with the libraries of requirements.txt and nothing else."""

import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.host_process import HostProcess
from cli.parts import USER_OFFBOARDING
from infra import package
from tests.e2e.site import SETTINGS, Site
from tests.e2e.test_messages_of_another_shape import inactive
from tests.e2e.watching import lines


@dataclass(frozen=True)
class Deployed:
    """What came of two leavers, one told in our own form and one in an HR system's, and where our modules were loaded from."""

    expected: list[dict[str, str]]
    outcomes: list[dict[str, Any]]
    modules: dict[str, str]
    folder: Path


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    folder = tmp_path_factory.mktemp("package")
    package.write(folder / "package.zip")
    zipfile.ZipFile(folder / "package.zip").extractall(folder / "app")
    command = (sys.executable, "-m", "tests.e2e.package_host", str(folder / "app"), str(folder / "modules.json"))
    with Site(folder) as site:
        rules = {
            "MAPPING_FILE": "shared/mappings/bamboohr.yaml",
            "MESSAGE_MAX_AGE": "366d",
            "JOURNAL_RETENTION": "400d",
        }
        environment = {**site.parts.environment(site.journal), **SETTINGS, **rules}
        ours, theirs = site.people.take(devices=3), site.people.take()
        with HostProcess(environment, site.log, command=command):
            told = site.send(USER_OFFBOARDING, inactive(theirs, "7"))
            outcomes = [site.end(site.left(ours)), site.end(told, "bamboohr-7-2026-11-20T18:42:00+0000")]
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    expected = [dict.fromkeys(leaver.devices, "unassigned") for leaver in (ours, theirs)]
    return Deployed(expected, outcomes, modules, folder / "app")


def test_leavers_are_handled_with_what_is_deployed_and_no_other_library(deployed: Deployed) -> None:
    assert [lines(outcome) for outcome in deployed.outcomes] == deployed.expected


def test_all_of_the_application_came_from_the_package(deployed: Deployed) -> None:
    assert len(deployed.modules) > 50
    assert {name: file for name, file in deployed.modules.items() if not file.startswith(str(deployed.folder))} == {}
