"""Faults in roles, queries and policies."""

from pathlib import Path

import pytest

from infra.checks import checkov, queries, roles
from infra.checks.__main__ import ROLES_PAGE
from tests.infra.planting import SERVICE_BUS, STORAGE, Fault, found


def check_roles(root: Path) -> list[str]:
    return roles.check(root, ROLES_PAGE)


RECEIVER = "roles['Azure Service Bus Data Receiver']"
FAULTS = {
    "a broader role": Fault(
        check=check_roles,
        file=SERVICE_BUS,
        good=RECEIVER,
        bad="roles['Azure Service Bus Data Owner']",
        problem="nobody knows the role",
    ),
    "another role": Fault(
        check=check_roles,
        file=SERVICE_BUS,
        good="scope: outcomes\n  properties: {\n    principalId: appPrincipalId",
        bad="scope: outcomes\n  properties: {\n    principalId: producerPrincipalId",
        problem="producer is granted Azure Service Bus Data Sender on the topic: not documented",
    ),
    "an operator who may do more": Fault(
        check=check_roles,
        file=STORAGE,
        good="scope: account\n  properties: {\n    principalId: appPrincipalId",
        bad="scope: account\n  properties: {\n    principalId: operatorPrincipalId",
        problem="operator is granted Storage Blob Data Owner on the storage account: not documented",
    ),
    "a role's id changed": Fault(
        check=check_roles,
        file="modules/roles.json",
        good="4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
        bad="090c5cfd-751d-490a-894a-3ce6f1109419",
        problem="nobody knows the role",
    ),
    "a wider scope": Fault(
        check=check_roles, file=STORAGE, good="  scope: journal\n", bad="", problem="the whole resource group"
    ),
    "a scope one up": Fault(
        check=check_roles,
        file=STORAGE,
        good="scope: journal\n",
        bad="scope: account\n",
        problem="Storage Table Data Contributor on the storage account: not documented",
    ),
    "another Graph permission": Fault(
        check=check_roles,
        file="graph/permission.bicep",
        good="5ac13192-7ace-4fcf-b828-1a26f28068ee",
        bad="df021288-bdef-4463-88db-98f22de89214",
        problem="grants more",
    ),
    "a metric that nobody emits": Fault(
        check=queries.check_names,
        file="alerts.json",
        good="'autopilot.devices'",
        bad="'autopilot.device'",
        problem="alerts.json unverified-devices: telemetry emits no 'autopilot.device'",
    ),
    "a span that nobody emits": Fault(
        check=queries.check_names,
        file="workbook.json",
        good="'autopilot.message')",
        bad="'autopilot.messages')",
        problem="telemetry emits no 'autopilot.messages'",
    ),
    "an attribute that it has not": Fault(
        check=queries.check_names,
        file="alerts.json",
        good="Properties.reason",
        bad="Properties.why",
        problem="has no attribute 'why'",
    ),
    "a value that never comes": Fault(
        check=queries.check_names,
        file="alerts.json",
        good="'GraphPermissionDenied'",
        bad="'GraphPermissionsDenied'",
        problem="error is never 'GraphPermissionsDenied'",
    ),
    "KQL that is none": Fault(
        check=queries.check_language,
        file="alerts.json",
        good="summarize Beats = sum(Sum)",
        bad="summarise Beats = sum(Sum)",
        problem="alerts.json no-heartbeat:",
    ),
    "a column that is not there": Fault(
        check=queries.check_language,
        file="workbook.json",
        good="sum(ItemCount)",
        bad="sum(ItemsCount)",
        problem="'ItemsCount'",
    ),
    "a policy broken": Fault(
        check=checkov.check,
        file=STORAGE,
        good="supportsHttpsTrafficOnly: true",
        bad="supportsHttpsTrafficOnly: false",
        problem="CKV_AZURE_3",
    ),
    "a file that checkov leaves out": Fault(
        check=checkov.check,
        file=STORAGE,
        good="param name string",
        bad="param name string\nparam names string[] = []",
        problem="checkov can't parse 1 of the files",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)
