"""Who may do what: the role assignments in Bicep against the table in docs/deploy.md, and the one permission on Graph."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.checks import bicep, entities
from infra.checks.bicep_declarations import Document, Resource
from infra.checks.bicep_values import Call, Expression

type Grant = tuple[str, str, str]
"""Who, which role, on what."""

_TYPE: Final = "Microsoft.Authorization/roleAssignments"
_IDS: Final = {
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Azure Service Bus Data Receiver": "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
    "Azure Service Bus Data Sender": "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
}
"""Azure's built-in roles. Source: learn.microsoft.com/azure/role-based-access-control/built-in-roles"""
_WHO: Final = {
    "appPrincipalId": "app",
    "publisherPrincipalId": "app",
    "producerPrincipalId": "producer",
    "operatorPrincipalId": "operator",
}
_WHERE: Final = {
    "queues": "each queue",
    "inbound": "the two inbound queues",
    "outcomes": "the topic",
    "account": "the storage account",
    "journal": "the journal's table",
    "component": "Application Insights",
}
_GRAPH_PERMISSION: Final = "5ac13192-7ace-4fcf-b828-1a26f28068ee"
"""DeviceManagementServiceConfig.ReadWrite.All, as an application permission."""
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SERVICE_BUS: Final = "modules/service-bus.bicep"
_GRAPH: Final = "00000003-0000-0000-c000-000000000000"
_TABLE: Final = re.compile(r"<!-- roles: .*?-->\n(.*?)<!-- end of roles -->", re.DOTALL)


def check(root: Path, page: Path) -> list[str]:
    """Every problem with roles in a folder; `page` is the document that has the table."""
    problems: list[str] = []
    granted = [grant for path in bicep.files(root) for grant in _document(bicep.read(path), root, problems)]
    documented = _documented(page.read_text(encoding="utf-8"))
    problems += [
        f"{who} is granted {role} on {where}: not documented"
        for who, role, where in granted
        if (who, role, where) not in documented
    ]
    problems += [
        f"{page.name}: {who} is not granted {role} on {where}"
        for who, role, where in documented
        if (who, role, where) not in granted
    ]
    return [*problems, *_inbound(root), *_graph(root)]


def _document(document: Document, root: Path, problems: list[str]) -> Iterator[Grant]:
    for resource in document.resources.values():
        if resource.type == _TYPE:
            where = f"{document.path.name}:{resource.line} {resource.symbol}"
            grant = _grant(document, resource, root)
            if isinstance(grant, str):
                problems.append(f"{where}: {grant}")
            else:
                yield grant


def _grant(document: Document, resource: Resource, root: Path) -> Grant | str:
    properties = resource.body.get("properties", {})
    scope, principal = resource.body.get("scope"), properties.get("principalId")
    definition = properties.get("roleDefinitionId")
    if not isinstance(scope, Expression):
        return "has no scope: the role would hold for the whole resource group"
    where = _WHERE.get(scope.text.partition("[")[0])
    who = _WHO.get(principal.text) if isinstance(principal, Expression) else None
    role = _role(document, definition, root)
    if where is None or who is None or role is None:
        return f"nobody knows the role, whom it is granted to, or where ({scope.text})"
    return who, role, where


def _role(document: Document, definition: object, root: Path) -> str | None:
    """The name behind `subscriptionResourceId('...', variable)` with `variable = roles['NAME']`."""
    known = json.loads((root / "modules" / "roles.json").read_text(encoding="utf-8"))
    if not (isinstance(definition, Call) and isinstance(variable := definition.arguments[-1], Expression)):
        return None
    value = document.variables.get(variable.text)
    name = value.text.partition("['")[2].removesuffix("']") if isinstance(value, Expression) else ""
    return name if name in _IDS and known.get(name) == _IDS[name] else None


def _documented(text: str) -> set[Grant]:
    table = _TABLE.search(text)
    rows = [line.strip("| ").split(" | ") for line in (table[1] if table else "").splitlines() if line.startswith("|")]
    return {(cells[0], cells[1], cells[2]) for cells in rows[2:]}


def _inbound(root: Path) -> Iterator[str]:
    """That "the two inbound queues" are these two, wherever they are said to be."""
    document = bicep.read(root / _SERVICE_BUS)
    if document.variables.get("inboundQueues") != [*entities.INBOUND]:
        yield f"{_SERVICE_BUS}: inboundQueues are not {' and '.join(entities.INBOUND)}"
    inbound = document.resources["inbound"]
    if inbound.over != "inboundQueues" or inbound.body.get("name") != Expression("queueName"):
        yield f"{_SERVICE_BUS}: inbound is not each of inboundQueues"


def _graph(root: Path) -> Iterator[str]:
    for path in sorted((root / "graph").iterdir()):
        ids = set(_GUID.findall(path.read_text(encoding="utf-8"))) - {_GRAPH}
        if ids - {_GRAPH_PERMISSION}:
            yield f"graph/{path.name}: grants more than DeviceManagementServiceConfig.ReadWrite.All"
