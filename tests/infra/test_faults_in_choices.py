"""Faults in what can be chosen, and in what holds where nobody chose."""

from pathlib import Path

import pytest

from infra.checks import choices
from tests.infra.planting import MAIN, PARAMETERS, Fault, found

FAULTS = {
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


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)
