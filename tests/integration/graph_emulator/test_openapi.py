"""What the emulator serves occurs in Graph's own description, of which these are extracts.

Not in them: `$batch`; users and deleted users on beta; the long form of the cast to a user, which Graph's pages use; the way
through the deployment profile, which the page of unassignUserFromDevice gives.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema  # type: ignore[import-untyped]  # it comes without types
import pytest

from emulators.graph import routes
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, User

Start = Callable[..., GraphEmulator]
DATA = Path(__file__).parents[2] / "data"
EXTRACTS = {
    version: json.loads((DATA / f"graph-autopilot-openapi-{version}.json").read_text(encoding="utf-8"))
    for version in ("v1.0", "beta")
}
LIST = "/deviceManagement/windowsAutopilotDeviceIdentities"
DEVICE = "microsoft.graph.windowsAutopilotDeviceIdentity"


def served() -> Iterator[tuple[str, str, str]]:
    for route in routes.ROUTES:
        for version in sorted(route.api_versions):
            directory = not route.path.startswith("/deviceManagement")
            if "/deploymentProfile/" not in route.path and not (
                directory and (version == "beta" or "microsoft.graph." in route.path)
            ):
                yield version, route.method, route.path


def described() -> Iterator[tuple[str, str, str]]:
    for version, extract in EXTRACTS.items():
        for path, operations in extract["paths"].items():
            for method in operations:
                yield version, method.upper(), path


def as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema says a type; unknown properties are what we look for."""
    if isinstance(node, list):
        return [as_json_schema(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    schema = {key: as_json_schema(value) for key, value in node.items()}
    if schema.pop("nullable", False) is True:
        schema["type"] = [schema["type"], "null"]
    if isinstance(schema.get("properties"), dict) and "type" in schema:
        schema["additionalProperties"] = False
        schema["patternProperties"] = {r"^@odata\.context$": {"type": "string"}}
    return schema


def check(answer: httpx.Response, version: str, schema: dict[str, Any]) -> None:
    document = {"components": as_json_schema(EXTRACTS[version]["components"]), **as_json_schema(schema)}
    jsonschema.Draft202012Validator(document).validate(answer.json())


def reference(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(("version", "method", "path"), list(served()))
def test_graph_describes_what_is_served(version: str, method: str, path: str) -> None:
    assert method.lower() in EXTRACTS[version]["paths"][path]


@pytest.mark.parametrize(("version", "method", "path"), sorted(set(described()) - set(served())))
def test_what_is_described_but_not_served_is_noticed(
    start: Start, http: httpx.Client, version: str, method: str, path: str
) -> None:
    graph = start(Device(id="d1", user_principal_name="ada@contoso.example"), strict=False)

    answer = http.request(method, f"{graph.endpoint}/{version}{re.sub('{.*?}', 'd1', path)}")

    assert answer.status_code == 501
    assert graph.tenant.devices["d1"].user_principal_name == "ada@contoso.example"


@pytest.mark.parametrize("version", EXTRACTS)
def test_a_list_is_as_described(start: Start, http: httpx.Client, version: str) -> None:
    graph = start(Device(id="d1"), Device(id="d2", user_principal_name=None), page_size=1)

    answer = http.get(f"{graph.endpoint}/{version}{LIST}")

    described_answer = EXTRACTS[version]["paths"][LIST]["get"]["responses"]["200"]
    check(answer, version, described_answer["content"]["application/json"]["schema"])


@pytest.mark.parametrize("version", EXTRACTS)
def test_a_device_is_as_described(start: Start, http: httpx.Client, version: str) -> None:
    graph = start(Device(id="d1"))

    check(http.get(f"{graph.endpoint}/{version}{LIST}/d1"), version, reference(DEVICE))


@pytest.mark.parametrize("path", ["users/u1", "directory/deletedItems/u2/graph.user"])
def test_a_user_is_as_described(start: Start, http: httpx.Client, path: str) -> None:
    deleted = User(id="u2", user_principal_name="bob@contoso.example", deleted=True)
    graph = start(users=[User(id="u1", user_principal_name="ada@contoso.example"), deleted])

    check(http.get(f"{graph.endpoint}/v1.0/{path}"), "v1.0", reference("microsoft.graph.user"))


@pytest.mark.parametrize("query", ["/gone", "?$filter=id eq 'd1'", "?$select=id"], ids=["404", "400", "500"])
def test_an_error_is_as_described(start: Start, http: httpx.Client, query: str) -> None:
    graph = start()

    check(http.get(f"{graph.endpoint}/v1.0{LIST}{query}"), "v1.0", reference("microsoft.graph.ODataErrors.ODataError"))


def test_the_check_notices_a_property_that_graph_does_not_have(start: Start, http: httpx.Client) -> None:
    """The extract of v1.0 doesn't know what beta shows: if this passes, the other tests can fail."""
    graph = start(Device(id="d1"))

    with pytest.raises(jsonschema.ValidationError, match="azureAdDeviceId"):
        check(http.get(f"{graph.endpoint}/beta{LIST}/d1"), "v1.0", reference(DEVICE))
