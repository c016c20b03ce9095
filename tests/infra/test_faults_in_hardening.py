"""Faults that leave something open: keys, old TLS, settings that anybody reads."""

from pathlib import Path

import pytest

from infra.checks import hardening
from tests.infra.planting import APP, MAIN, MONITORING, SERVICE_BUS, STORAGE, Fault, found


def softer(file: str, good: str, bad: str, problem: str) -> Fault:
    return Fault(check=hardening.check, file=file, good=good, bad=bad, problem=problem)


FAULTS = {
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
    "a key where nobody says how": softer(
        STORAGE, "defaultToOAuthAuthentication: true", "defaultToOAuthAuthentication: false", "Authentication is False"
    ),
    "blobs that may be public": softer(
        STORAGE, "allowBlobPublicAccess: false", "allowBlobPublicAccess: true", "allowBlobPublicAccess is True"
    ),
    "copies into other tenants": softer(
        STORAGE, "allowCrossTenantReplication: false", "allowCrossTenantReplication: true", "Replication is True"
    ),
    "HTTP to storage": softer(
        STORAGE, "supportsHttpsTrafficOnly: true", "supportsHttpsTrafficOnly: false", "TrafficOnly is False"
    ),
    "FTP": softer(APP, "ftpsState: 'Disabled'", "ftpsState: 'AllAllowed'", "ftpsState is 'AllAllowed'"),
    "an identity that goes with the app": softer(
        APP,
        "identity: { type: 'UserAssigned'",
        "identity: { type: 'SystemAssigned'",
        "identity.type is 'SystemAssigned'",
    ),
    "HTTP": softer(APP, "httpsOnly: true", "httpsOnly: false", "properties.httpsOnly is False"),
    "old TLS to the app": softer(APP, "minTlsVersion: '1.2'", "minTlsVersion: '1.1'", "minTlsVersion is '1.1'"),
    "a password for deployments": softer(APP, "allow: false", "allow: true", "properties.allow is True"),
    "telemetry that nobody made": softer(
        MONITORING,
        "'Microsoft.Insights/components@",
        "'Microsoft.Insights/component@",
        "no Microsoft.Insights/components",
    ),
    "a password for FTP": softer(APP, "name: 'ftp'", "name: 'ftps'", "of the name 'ftp'"),
    "settings in the deployment history": softer(
        MAIN, "@secure() // PROTECTED_USERS", "// PROTECTED_USERS", "main.bicep: settings is not @secure()"
    ),
    "settings in the history of a module": softer(APP, "@secure()\n", "", "chosenSettings is not @secure()"),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)
