import subprocess
from pathlib import Path

import hypothesis
import pathspec
import pytest

ROOT = Path(__file__).parents[2]
TRACKED = [
    Path(line)
    for line in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if (ROOT / line).exists()
]
OURS = [path for path in TRACKED if path.suffix == ".py" and path.parts[0] != "tests"]


def deployed() -> set[str]:
    lines = (ROOT / ".funcignore").read_text(encoding="utf-8").splitlines()
    ignored = pathspec.GitIgnoreSpec.from_lines(lines)
    return {str(path) for path in TRACKED if not ignored.match_file(str(path))}


def test_only_the_application_is_deployed() -> None:
    assert {path.split("/")[0] for path in deployed()} == {"function_app.py", "host.json", "requirements.txt", "shared"}


def test_all_of_the_application_is_deployed() -> None:
    assert {str(path) for path in TRACKED if path.parts[0] == "shared"} <= deployed()


@pytest.mark.parametrize("path", OURS, ids=str)
def test_no_module_passes_300_lines(path: Path) -> None:
    assert len((ROOT / path).read_text(encoding="utf-8").splitlines()) <= 300


def test_what_is_deployed_needs_only_what_the_deployment_installs() -> None:
    named = {
        line.split("#")[0].split("=")[0].split(">")[0].strip()
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    }

    assert named - {""} == {
        "aiohttp",
        "azure-data-tables",
        "azure-functions",
        "azure-functions-runtime",
        "azure-identity",
        "azure-monitor-opentelemetry",
        "azure-servicebus",
        "jmespath",
        "msgraph-sdk",
        "opentelemetry-api",
        "pydantic",
        "PyYAML",
        "tzdata",
    }


def test_no_property_fails_because_the_machine_is_busy() -> None:
    profile = hypothesis.settings()

    assert profile.deadline is None
    assert hypothesis.HealthCheck.too_slow in profile.suppress_health_check
