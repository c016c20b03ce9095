"""The bill of materials: all that is deployed and nothing else, as the lock has it."""

import json
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from infra import lock, sbom

LOCKED = lock.read()


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return sbom.document()


@pytest.fixture(scope="module")
def components(bill: dict[str, Any]) -> dict[str, Any]:
    return {component["bom-ref"]: component for component in bill["components"]}


def test_it_is_the_same_for_the_same_lock_and_valid_by_the_schema(bill: dict[str, Any], tmp_path: Path) -> None:
    count = sbom.write(tmp_path / "build" / "sbom.cdx.json")

    assert json.loads((tmp_path / "build" / "sbom.cdx.json").read_text(encoding="utf-8")) == bill
    assert count == len(bill["components"])
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")


def test_what_does_not_fit_the_schema_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = {name: lock.Locked(each.name, each.version, ["no hash"]) for name, each in LOCKED.items()}
    monkeypatch.setattr(lock, "read", lambda: broken)

    with pytest.raises(ValueError, match=r"CycloneDX 1\.6"):
        sbom.document()


def test_each_library_has_the_version_and_the_hashes_of_the_lock(components: dict[str, Any]) -> None:
    for name, component in components.items():
        locked = LOCKED[lock.key(name)]
        assert component["version"] == locked.version
        assert component["purl"] == f"pkg:pypi/{name}@{locked.version}"
        assert {each["content"] for each in component["hashes"]} == set(locked.hashes)
        assert component["licenses"] != [{"license": {"name": "unknown"}}], name


def test_what_a_library_needs_is_there_too(components: dict[str, Any]) -> None:
    plain = [Requirement(name) for name in components]

    missing = {lock.key(needed.name) for each in plain for needed in lock.needs(each)} - set(components)

    assert missing == set()


def test_nothing_is_there_but_what_something_needs(bill: dict[str, Any], components: dict[str, Any]) -> None:
    needed = {name for each in bill["dependencies"] for name in each.get("dependsOn", [])}
    of_the_service = {each["ref"]: set(each.get("dependsOn", [])) for each in bill["dependencies"]}[sbom.NAME]

    assert needed == set(components)
    assert of_the_service == {lock.key(each.name) for each in lock.named()}


def test_no_tool_of_development_is_in_it(components: dict[str, Any]) -> None:
    tools = {lock.key(each.name) for each in lock.named(lock.ROOT / "requirements-dev.txt")}

    assert tools & set(components) <= {"opentelemetry-sdk", "packaging", "psutil", "pyjwt"}, "both need these"
    assert len(LOCKED) > len(components) + 20
