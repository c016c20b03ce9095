"""Assigning users in the fake tenant, behind the script: implements ports.Assignments for tests."""

from dataclasses import replace

from shared.domain.identifiers import AutopilotDeviceId, UserPrincipalName
from tests.fakes import FakeAutopilotDevices, Script


class FakeAssignments:
    """`assigned` has what was asked for. While `lagging`, a request is accepted and the record stays as it is."""

    def __init__(self, tenant: FakeAutopilotDevices, script: Script) -> None:
        self.assigned: list[tuple[str, str, str | None]] = []
        self.lagging = False
        self._tenant, self._script = tenant, script

    async def assign_user(
        self, device: AutopilotDeviceId, user_principal_name: UserPrincipalName, addressable_user_name: str | None
    ) -> None:
        async with self._script.call("graph.assign"):
            self.assigned.append((device, user_principal_name, addressable_user_name))
            if not self.lagging:
                record = self._tenant.tenant[device]
                self._tenant.put(
                    replace(
                        record, user_principal_name=user_principal_name, addressable_user_name=addressable_user_name
                    )
                )
