"""A model of the tenant's Autopilot records: what Graph holds, and when an accepted unassignment shows. Knows no message."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared import ports
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.identifiers import UserPrincipalName


@dataclass(slots=True)
class Tenant:
    """The records by id. An accepted POST clears its record `lag` later, unless it was assigned anew by then.

    `named` has everybody whom a record ever named, with the moment from which.
    """

    clock: ports.Clock
    records: dict[str, AutopilotDevice]
    lag: timedelta = timedelta(0)
    named: dict[str, list[tuple[datetime, str | None]]] = field(default_factory=dict)
    _clears: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, device in self.records.items():
            self.named[name] = [(datetime.min.replace(tzinfo=self.clock.now().tzinfo), device.user_principal_name)]

    def get(self, device: str) -> AutopilotDevice | None:
        """The record as it is now."""
        self._settle()
        return self.records.get(device)

    def all(self) -> list[AutopilotDevice]:
        """All records as they are now."""
        self._settle()
        return list(self.records.values())

    def unassign(self, device: str, action: Action) -> None:
        """Accept a POST."""
        self._settle()
        if action is Action.UNASSIGN_USER and self.records[device].user_principal_name is not None:
            self._clears.setdefault(device, self.clock.now() + self.lag)
        self._settle()

    def assign(self, device: str, user: str) -> None:
        """An administrator assigns the device."""
        self._settle()
        self._clears.pop(device, None)
        self._name(device, user, self.clock.now())

    def user_of(self, device: str) -> str | None:
        """Whom the record names now, or None if there is no such record."""
        record = self.get(device)
        return None if record is None else record.user_principal_name

    def _settle(self) -> None:
        now = self.clock.now()
        for device, when in list(self._clears.items()):
            if when <= now:
                del self._clears[device]
                self._name(device, None, when)

    def _name(self, device: str, user: str | None, when: datetime) -> None:
        name = None if user is None else UserPrincipalName(user)
        self.records[device] = replace(self.records[device], user_principal_name=name)
        self.named[device].append((when, user))
