"""What the documents and pipelines name of a deployment: environment values that azd takes, and outputs that it has."""

import json
import re
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


def test_the_links_of_the_page_to_itself_lead_somewhere() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.*)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
