"""assignUserToDevice: what an undo sends."""

import pytest

from emulators.graph.faults import Reset, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphPermissionDenied, GraphRequestRejected, GraphThrottled, GraphUnavailable
from shared.domain.identifiers import AutopilotDeviceId, UserPrincipalName
from shared.graph.assignments import GraphAssignments
from tests.integration.graph.conftest import Start

D1 = AutopilotDeviceId("7e8d0f4c-0000-4000-8000-0000000000d1")
ALICE = UserPrincipalName("alice@contoso.example")
PATH = f"/deviceManagement/windowsAutopilotDeviceIdentities/{D1}/assignUserToDevice"


@pytest.mark.parametrize("greeting", ["Alice “in Chains” Müller", None])
async def test_a_user_is_assigned_with_their_greeting(start: Start, greeting: str | None) -> None:
    site = await start(Device(id=D1))

    await GraphAssignments(site.client, clock=site.clock).assign_user(D1, ALICE, greeting)

    record = await site.devices.get(D1)
    assert record is not None
    assert (record.user_principal_name, record.addressable_user_name) == (ALICE, greeting)
    call = site.graph.calls[0]
    assert (call.method, call.api_version, call.path) == ("POST", "v1.0", PATH)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Status(400), GraphRequestRejected),
        (Status(403), GraphPermissionDenied),
        (Status(429), GraphThrottled),
        (Status(503), GraphUnavailable),
        (Reset(), GraphUnavailable),
    ],
    ids=str,
)
async def test_what_graph_answers_is_one_of_our_errors(
    start: Start, fault: Status | Reset, error: type[Exception]
) -> None:
    site = await start(Device(id=D1))
    site.graph.faults.add(When(method="POST"), fault)

    with pytest.raises(error):
        await GraphAssignments(site.client, clock=site.clock).assign_user(D1, ALICE, None)

    assert len([call for call in site.graph.calls if call.method == "POST"]) == 1, "nothing is retried"
