"""Faults in Bicep itself: syntax, names, parameters, properties of resources."""

from pathlib import Path

import pytest

from infra.checks import parameters, references, resource_ids, resource_types
from tests.infra.planting import APP, MONITORING, SERVICE_BUS, STORAGE, Fault, found

FAULTS = {
    "syntax error": Fault(
        check=parameters.check, file=SERVICE_BUS, good="name: name\n", bad="name: = name\n", problem="syntax error"
    ),
    "no description": Fault(
        check=parameters.check,
        file=STORAGE,
        good="@description('Required. Redundancy.')\n",
        bad="",
        problem="sku: its description must begin",
    ),
    "no default": Fault(
        check=parameters.check,
        file="main.bicep",
        good="param privateNetworking bool = false",
        bad="param privateNetworking bool",
        problem="privateNetworking has no default",
    ),
    "no such parameter for azd": Fault(
        check=parameters.check,
        file="main.parameters.json",
        good='"alertEmail"',
        bad='"alertMail"',
        problem="alertMail is no parameter",
    ),
    "a parameter that azd can't choose": Fault(
        check=parameters.check,
        file="main.parameters.json",
        good="""    "dailyQuotaGb": {
      "value": "${DAILY_QUOTA_GB=1}"
    },
""",
        bad="",
        problem="dailyQuotaGb of main.bicep is missing",
    ),
    "name not declared": Fault(
        check=references.check, file=APP, good="serverFarmId: plan.id", bad="serverFarmId: plann.id", problem="plann"
    ),
    "parameter never used": Fault(
        check=references.check,
        file=APP,
        good="maximumInstanceCount: maximumInstanceCount",
        bad="maximumInstanceCount: 40",
        problem="maximumInstanceCount is never used",
    ),
    "module parameter missing": Fault(
        check=references.check,
        file="main.bicep",
        good="    storageName: storage.outputs.name\n",
        bad="",
        problem="functionApp: storageName is missing",
    ),
    "no such output": Fault(
        check=references.check,
        file="main.bicep",
        good="storage.outputs.journalUrl",
        bad="storage.outputs.journal",
        problem="journal is no output",
    ),
    "an id out of a list, which the linter refuses": Fault(
        check=resource_ids.check,
        file="modules/network.bicep",
        good="endpoint.part == 'namespace' ? namespaceId : storageId",
        bad="endpoint.resource",
        problem="privateEndpoints: the linter does not see where privateLinkServiceId comes from",
    ),
    "an id put together": Fault(
        check=resource_ids.check,
        file=APP,
        good="serverFarmId: plan.id",
        bad="serverFarmId: '/subscriptions/${planName}'",
        problem="app: the linter does not see where serverFarmId comes from",
    ),
    "unknown property": Fault(
        check=resource_types.check,
        file=SERVICE_BUS,
        good="requiresSession: queue.",
        bad="requireSession: queue.",
        problem="queues.properties.requireSession: unknown property",
    ),
    "wrong enum": Fault(
        check=resource_types.check,
        file=STORAGE,
        good="'TLS1_2'",
        bad="'TLS1.2'",
        problem="minimumTlsVersion: 'TLS1.2' is none of",
    ),
    "wrong enum in one branch": Fault(
        check=resource_types.check,
        file=STORAGE,
        good="? 'Deny' :",
        bad="? 'Denied' :",
        problem="defaultAction: 'Denied' is none of",
    ),
    "missing required property": Fault(
        check=resource_types.check,
        file=MONITORING,
        good="    Application_Type: 'web'\n",
        bad="",
        problem="component.properties: Application_Type is missing",
    ),
    "wrong type": Fault(
        check=resource_types.check, file=APP, good="httpsOnly: true", bad="httpsOnly: 'yes'", problem="wanted bool"
    ),
    "unknown property of an alert": Fault(
        check=resource_types.check,
        file="modules/alerts.bicep",
        good="skipQueryValidation",
        bad="skipValidation",
        problem="skipValidation: unknown property",
    ),
    "another version than was checked": Fault(
        check=resource_types.check,
        file=STORAGE,
        good="tables@2025-01-01",
        bad="tables@2019-06-01",
        problem="is of version 2019-06-01",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)
