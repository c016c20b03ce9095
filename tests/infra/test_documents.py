"""What the documents and pipelines name of a deployment: environment values that azd takes, and outputs that it has."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from infra.checks import bicep

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), INFRA / "graph" / "grant.sh", ROOT / "azure.yaml"]
TAKEN = set(re.findall(r"\$\{(\w+)", (INFRA / "main.parameters.json").read_text(encoding="utf-8")))
OUTPUTS = bicep.read(INFRA / "main.bicep").outputs.keys()
PIPELINES = [ROOT / ".github/workflows/deploy.yml", ROOT / ".azuredevops/azure-pipelines.yml"]


def found(pattern: str) -> set[str]:
    return {name for page in PAGES for name in re.findall(pattern, page.read_text(encoding="utf-8"))}


def test_what_is_set_with_azd_is_taken() -> None:
    named = found(r"azd env set (\w+)")

    assert {"DRY_RUN", "OPERATOR_PRINCIPAL_ID", "PRIVATE_NETWORKING", "LOG_HASH_KEY", "STORAGE_SKU"} <= named
    assert named <= TAKEN


def test_what_is_asked_of_azd_is_put_out() -> None:
    named = found(r"azd env get-value ([A-Z]\w+)")

    assert {"AZURE_RESOURCE_GROUP", "AZURE_FUNCTION_APP", "APP_PRINCIPAL_ID"} <= named
    assert named <= set(OUTPUTS)


def test_the_parameters_that_are_given_without_azd_exist() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    command = page.partition("az deployment sub create")[2].partition("az deployment sub show")[0]
    given = set(re.findall(r"(?:--parameters|\s)\s*(\w+)=", command))

    assert {"environmentName", "operatorPrincipalId", "settings"} == given
    assert given <= set(bicep.read(INFRA / "main.bicep").parameters)
    assert json.loads(command.partition("settings='")[2].partition("'")[0])["DRY_RUN"] == "true"


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.name)
def test_a_pipeline_chooses_what_the_environment_has_chosen(pipeline: Path) -> None:
    text = re.sub(r"^\s*#.*$", "", pipeline.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert text.index("azd env new") < text.index("azd env set") < text.index("azd provision")
    assert "APP_SETTINGS" in text


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.name)
def test_a_pipeline_passes_on_a_choice_as_it_stands(pipeline: Path, tmp_path: Path) -> None:
    script = re.search(r"jq --raw-output .*?; done", pipeline.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "azd").write_text('#!/bin/sh\nprintf "%s>" "$@"\n', encoding="utf-8")
    (tmp_path / "azd").chmod(0o755)
    chosen = {"LOG_HASH_KEY": "c2VjcmV0LXNlY3JldA==", "PROTECTED_USERS": " *@a.example, b ", "EMPTY": ""}
    environment = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "APP_SETTINGS": json.dumps(chosen)}

    assert script is not None
    done = subprocess.run(
        ["bash", "-c", script[0]], env=environment, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "".join(f"env>set>{name}>{value}>" for name, value in chosen.items())


def test_the_links_of_the_page_to_itself_lead_somewhere() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
