"""Faults between Bicep and what it must agree with: settings, queues, the topic, Azure's rules for names."""

from pathlib import Path

import pytest

from infra.checks import azure_names, entities, settings
from tests.infra.planting import APP, SERVICE_BUS, SETTINGS, Fault, found

FAULTS = {
    "a setting missing": Fault(
        check=settings.check,
        file=APP,
        good="    JOURNAL_URL: journalUrl\n",
        bad="",
        problem="the setting JOURNAL_URL is missing",
    ),
    "a default missing": Fault(
        check=settings.check,
        file=SETTINGS,
        good="MAX_DEVICES_PER_USER: '10'",
        bad="// '10'",
        problem="the setting MAX_DEVICES_PER_USER is missing",
    ),
    "another default": Fault(
        check=settings.check,
        file=SETTINGS,
        good="MAX_DEVICES_PER_USER: '10'",
        bad="MAX_DEVICES_PER_USER: '100'",
        problem="differs from shared/settings/fields.py",
    ),
    "live at first": Fault(
        check=settings.check, file=SETTINGS, good="DRY_RUN: 'true'", bad="DRY_RUN: 'false'", problem="must be true"
    ),
    "another default with azd": Fault(
        check=settings.check,
        file="main.parameters.json",
        good="${DRY_RUN=true}",
        bad="${DRY_RUN=false}",
        problem="its settings differ",
    ),
    "a setting that the operator's command would miss": Fault(
        check=settings.check,
        file="main.bicep",
        good="output JOURNAL_URL string",
        bad="output JOURNAL string",
        problem="JOURNAL_URL is not put out",
    ),
    "a queue put out under another name": Fault(
        check=entities.check,
        file="main.bicep",
        good="output VERIFICATION_QUEUE string = 'unassignment-verification'",
        bad="output VERIFICATION_QUEUE string = 'verification'",
        problem="VERIFICATION_QUEUE is put out as 'verification'",
    ),
    "no such setting": Fault(
        check=settings.check,
        file=APP,
        good="AZURE_CLIENT_ID:",
        bad="AZURE_CLIENTID:",
        problem="AZURE_CLIENTID is no setting",
    ),
    "a queue name that differs": Fault(
        check=entities.check,
        file=APP,
        good="'device-retirement'",
        bad="'devices-retirement'",
        problem="DEVICE_RETIREMENT_QUEUE is 'devices-retirement', not 'device-retirement'",
    ),
    "a queue that the app takes for another": Fault(
        check=entities.check,
        file=APP,
        good="USER_OFFBOARDING_QUEUE: 'user-offboarding'\n    DEVICE_RETIREMENT_QUEUE: 'device-retirement'",
        bad="USER_OFFBOARDING_QUEUE: 'device-retirement'\n    DEVICE_RETIREMENT_QUEUE: 'user-offboarding'",
        problem="USER_OFFBOARDING_QUEUE is 'device-retirement', not 'user-offboarding'",
    ),
    "a lock that is longer than Azure's longest": Fault(
        check=entities.check,
        file="servicebus.json",
        good='"LockDuration": "PT5M"',
        bad='"LockDuration": "PT6M"',
        problem="user-offboarding: LockDuration is PT6M, Azure takes PT5S to PT5M",
    ),
    "queues of which the app knows only one's count": Fault(
        check=entities.check,
        file="servicebus.json",
        good='"MaxDeliveryCount": 10',
        bad='"MaxDeliveryCount": 5',
        problem="the queues' MaxDeliveryCount differs: [5, 10]",
    ),
    "a queue renamed": Fault(
        check=entities.check,
        file="servicebus.json",
        good='"unassignment-verification"',
        bad='"verification"',
        problem="servicebus.json has no 'unassignment-verification'",
    ),
    "a queue property left out": Fault(
        check=entities.check,
        file=SERVICE_BUS,
        good="    lockDuration: queue.Properties.LockDuration\n",
        bad="",
        problem="queues.lockDuration is not what servicebus.json says",
    ),
    "a name with a letter that Azure does not take": Fault(
        check=azure_names.check,
        file="main.bicep",
        good="'st${token}'",
        bad="'st-${token}'",
        problem="'st-0000000000000' is no name for a storage account",
    ),
    "a name that is too long": Fault(
        check=azure_names.check,
        file="main.bicep",
        good="'func-offboarding-${token}'",
        bad="'func-autopilot-offboarding-${token}'",
        problem="is no name for a function app of at most 32 characters",
    ),
    "a name that nobody looks at": Fault(
        check=azure_names.check,
        file="main.bicep",
        good="    planName: 'plan-${token}'",
        bad="    planName: 'plan-${token}'\n    siteName: 'site-${token}'",
        problem="functionApp.siteName: no rule is known",
    ),
    "an alert on a queue that is not there": Fault(
        check=entities.check,
        file="alerts.json",
        good='"device-retirement"',
        bad='"retirement"',
        problem="servicebus.json has no 'retirement'",
    ),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)
