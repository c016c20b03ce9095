"""Faults that let somebody in: whose identity it is, and what it may do."""

import re
from pathlib import Path

import pytest

from infra.checks import roles, wiring
from infra.checks.__main__ import ROLES_PAGE
from tests.infra.planting import APP, MAIN, SERVICE_BUS, STORAGE, Fault, found


def check_roles(root: Path) -> list[str]:
    return roles.check(root, ROLES_PAGE)


INBOUND = "['user-offboarding', 'device-retirement']"
ROLES = {
    "a third queue for the producer": Fault(
        check=check_roles,
        file=SERVICE_BUS,
        good=INBOUND,
        bad="['user-offboarding', 'device-retirement', 'unassignment-verification']",
        problem="inboundQueues are not user-offboarding and device-retirement",
    ),
    "another queue for the producer": Fault(
        check=check_roles,
        file=SERVICE_BUS,
        good=INBOUND,
        bad="['user-offboarding', 'unassignment-verification']",
        problem="inboundQueues are not",
    ),
    "every queue for the producer": Fault(
        check=check_roles,
        file=SERVICE_BUS,
        good="[for queueName in inboundQueues: {\n  parent: namespace\n  name: queueName\n",
        bad="[for queue in config.Queues: {\n  parent: namespace\n  name: queue.Name\n",
        problem="inbound is not each of inboundQueues",
    ),
}
WIRING = {
    "the operator as the app": Fault(
        check=wiring.check,
        file=MAIN,
        good="    appPrincipalId: identity.outputs.principalId\n    producerPrincipalId",
        bad="    appPrincipalId: operatorPrincipalId\n    producerPrincipalId",
        problem="serviceBus.appPrincipalId is not identity.outputs.principalId",
    ),
    "the producer as the operator": Fault(
        check=wiring.check,
        file=MAIN,
        good="    operatorPrincipalId: operatorPrincipalId\n",
        bad="    operatorPrincipalId: producerIdentity ? producer!.outputs.principalId : ''\n",
        problem="serviceBus.operatorPrincipalId is not operatorPrincipalId",
    ),
    "the producer is granted the Graph permission": Fault(
        check=wiring.check,
        file=MAIN,
        good="params: { principalId: identity.outputs.principalId }",
        bad="params: { principalId: producer!.outputs.principalId }",
        problem="graphPermission.principalId is not identity.outputs.principalId",
    ),
    "a principal that nobody knows": Fault(
        check=wiring.check,
        file=MAIN,
        good="    workspaceId: monitoring.outputs.workspaceId\n  }\n}\n\nmodule storage",
        bad="    auditorPrincipalId: operatorPrincipalId\n  }\n}\n\nmodule storage",
        problem="serviceBus.auditorPrincipalId: nobody knows whom this is to be",
    ),
    "the Graph permission granted to whoever deploys": Fault(
        check=wiring.check,
        file=MAIN,
        good="= if (grantGraphPermission) {",
        bad="= {",
        problem="graphPermission is not made on the condition '(grantGraphPermission)'",
    ),
    "open where it is to be private": Fault(
        check=wiring.check,
        file=MAIN,
        good="publicNetworkAccess: privateNetworking ? 'Disabled' : 'Enabled'",
        bad="publicNetworkAccess: privateNetworking ? 'Enabled' : 'Disabled'",
        problem="serviceBus.publicNetworkAccess is not privateNetworking ? 'Disabled' : 'Enabled'",
    ),
    "an identity by its resource id": Fault(
        check=wiring.check,
        file=APP,
        good="AZURE_CLIENT_ID: identityClientId",
        bad="AZURE_CLIENT_ID: identityId",
        problem="AZURE_CLIENT_ID is not identityClientId",
    ),
    "a client id that is the object id": Fault(
        check=wiring.check,
        file="modules/identity.bicep",
        good="identity.properties.clientId",
        bad="identity.properties.principalId",
        problem="the output clientId is not identity.properties.clientId",
    ),
    "the journal among the blobs": Fault(
        check=wiring.check,
        file=STORAGE,
        good="primaryEndpoints.table}",
        bad="primaryEndpoints.blob}",
        problem="the output journalUrl is not",
    ),
    "another delivery count than the queues'": Fault(
        check=wiring.check,
        file=APP,
        good="string(namespace.Queues[0].Properties.MaxDeliveryCount)",
        bad="'20'",
        problem="MAX_DELIVERY_COUNT is not string(namespace.Queues[0].Properties.MaxDeliveryCount)",
    ),
}
FAULTS = ROLES | WIRING


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)


def test_nothing_that_a_module_puts_out_is_passed_on_unseen(infra: Path) -> None:
    main = infra / MAIN
    source = main.read_text(encoding="utf-8")
    passed = list(re.finditer(r"\w+!?\.outputs\.\w+", source))
    unseen = []

    for each in passed:
        main.write_text(f"{source[: each.end()]}Other{source[each.end() :]}", encoding="utf-8")
        if not wiring.check(infra):
            unseen.append(each[0])

    assert len(passed) > 20
    assert unseen == []
