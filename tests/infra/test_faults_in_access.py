"""Faults that let somebody in: whose identity it is, what is open, what is granted, what holds where nobody chose."""

from pathlib import Path

import pytest

from infra.checks import choices, hardening, roles, wiring
from infra.checks.__main__ import ROLES_PAGE
from tests.infra.planting import APP, MONITORING, SERVICE_BUS, STORAGE, Fault, found

MAIN, PARAMETERS = "main.bicep", "main.parameters.json"


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


def softer(file: str, good: str, bad: str, problem: str) -> Fault:
    return Fault(check=hardening.check, file=file, good=good, bad=bad, problem=problem)


HARDENING = {
    "keys to Service Bus": softer(
        SERVICE_BUS, "disableLocalAuth: true", "disableLocalAuth: false", "properties.disableLocalAuth is False"
    ),
    "keys to Service Bus by default": softer(
        SERVICE_BUS, "    disableLocalAuth: true", "    //", "properties.disableLocalAuth is None"
    ),
    "old TLS to Service Bus": softer(
        SERVICE_BUS, "minimumTlsVersion: '1.2'", "minimumTlsVersion: '1.0'", "minimumTlsVersion is '1.0'"
    ),
    "Service Bus open in any case": softer(
        SERVICE_BUS, "publicNetworkAccess: publicNetworkAccess", "publicNetworkAccess: 'Enabled'", "must be Expression"
    ),
    "a rule with a key": softer(
        SERVICE_BUS,
        "resource queues 'Microsoft.ServiceBus/namespaces/queues@",
        "resource rule 'Microsoft.ServiceBus/namespaces/authorizationRules@2024-01-01' = { parent: namespace, name: 'r' }\n\n"
        "resource queues 'Microsoft.ServiceBus/namespaces/queues@",
        "rule: a key",
    ),
    "keys to storage": softer(
        STORAGE, "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "allowSharedKeyAccess is True"
    ),
    "old TLS to storage": softer(STORAGE, "'TLS1_2'", "'TLS1_0'", "minimumTlsVersion is 'TLS1_0'"),
    "packages for everybody": softer(STORAGE, "'None'", "'Blob'", "publicAccess is 'Blob'"),
    "storage open where it is to be closed": softer(
        STORAGE, "== 'Disabled' ?", "== 'Enabled' ?", "properties.networkAcls.defaultAction is"
    ),
    "telemetry from whoever has the connection string": softer(
        MONITORING, "DisableLocalAuth: true", "DisableLocalAuth: false", "properties.DisableLocalAuth is False"
    ),
    "keys to the workspace": softer(
        MONITORING, "disableLocalAuth: true }", "disableLocalAuth: false }", "features.disableLocalAuth is False"
    ),
    "the package by a key": softer(
        APP,
        "type: 'UserAssignedIdentity'",
        "type: 'StorageAccountConnectionString'",
        "authentication.type is 'StorageAccountConnectionString'",
    ),
    "HTTP": softer(APP, "httpsOnly: true", "httpsOnly: false", "properties.httpsOnly is False"),
    "old TLS to the app": softer(APP, "minTlsVersion: '1.2'", "minTlsVersion: '1.1'", "minTlsVersion is '1.1'"),
    "a password for deployments": softer(APP, "allow: false", "allow: true", "properties.allow is True"),
    "a password for FTP": softer(APP, "name: 'ftp'", "name: 'ftps'", "of the name 'ftp'"),
    "settings in the deployment history": softer(
        MAIN, "@secure() // PROTECTED_USERS", "// PROTECTED_USERS", "main.bicep: settings is not @secure()"
    ),
    "settings in the history of a module": softer(APP, "@secure()\n", "", "chosenSettings is not @secure()"),
}
CHOICES = {
    "granted by azd where nobody chose": Fault(
        check=choices.check,
        file=PARAMETERS,
        good="${GRANT_GRAPH_PERMISSION=false}",
        bad="${GRANT_GRAPH_PERMISSION=true}",
        problem="grantGraphPermission is '${GRANT_GRAPH_PERMISSION=true}'",
    ),
    "granted by Bicep where nobody chose": Fault(
        check=choices.check,
        file=MAIN,
        good="param grantGraphPermission bool = false",
        bad="param grantGraphPermission bool = true",
        problem="grantGraphPermission is true where nobody chose, must be false",
    ),
    "another Python with azd": Fault(
        check=choices.check,
        file=PARAMETERS,
        good="${PYTHON_VERSION=3.13}",
        bad="${PYTHON_VERSION=3.12}",
        problem="must be '${PYTHON_VERSION=3.13}'",
    ),
    "a name of the environment that nobody would guess": Fault(
        check=choices.check,
        file=PARAMETERS,
        good="${ALERT_EMAIL}",
        bad="${ALERTS_EMAIL}",
        problem="must be '${ALERT_EMAIL}'",
    ),
    "live where nobody chose": Fault(
        check=choices.check,
        file=MAIN,
        good="param settings object = {}",
        bad="param settings object = { DRY_RUN: 'false' }",
        problem="settings is { DRY_RUN: 'false' } where nobody chose",
    ),
    "a default that is not allowed": Fault(
        check=choices.check,
        file=MAIN,
        good="string = 'Standard_ZRS'",
        bad="string = 'Standard_RAGRS'",
        problem="storageSku: the default 'Standard_RAGRS' is not allowed",
    ),
    "a value that its module does not allow": Fault(
        check=choices.check,
        file=MAIN,
        good="? 'Disabled' : 'Enabled'",
        bad="? 'Off' : 'Enabled'",
        problem="serviceBus.publicNetworkAccess: 'Off' is not allowed",
    ),
    "a variable that its module does not allow": Fault(
        check=choices.check,
        file=MAIN,
        good="privateNetworking ? 'Premium' : serviceBusSku",
        bad="privateNetworking ? 'Premiun' : serviceBusSku",
        problem="serviceBus.sku: 'Premiun' is not allowed",
    ),
}
FAULTS = ROLES | WIRING | HARDENING | CHOICES


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)
