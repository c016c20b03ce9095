"""The emulated tenant, with a record of who changed what: the truth that the service's own reports are held against."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from emulators.clock import Clock
from emulators.graph.tenant import Assignment, Device, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """An unassignment that Graph accepted, and whom the record named at that moment."""

    at: datetime
    device: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """From `at` on a record names `user` instead of `before`; "" is nobody. An administrator's, or the effect of a POST."""

    at: datetime
    device: str
    before: str
    user: str
    by_administrator: bool


class WatchedTenant(Tenant):
    """A tenant that notes every accepted POST on a record that names somebody, and every change of whom one names.

    The administrator's hand and Graph's own thread take turns.
    """

    def __init__(self, devices: Iterable[Device], clock: Clock) -> None:
        self.posts: list[Post] = []
        self.changes: list[Change] = []
        self._clock = clock
        self._turn = threading.RLock()
        self._looked_up: dict[str, datetime] = {}
        super().__init__(devices)

    def find(self, device_id: str) -> Device | None:
        """As in the tenant; every read by id and every POST comes here."""
        with self._turn:
            found = super().find(device_id)
            if found is not None:
                self._looked_up[found.id] = self._clock.now()
            return found

    def hand_over(self, device_id: str, user: str, *, unread_for: timedelta) -> bool:
        """Assign, if nobody has read the record for so long; whether that was done.

        A record that changes between the service's read and its POST is what Graph gives no means to exclude: not what is tried.
        """
        with self._turn:
            read_at = self._looked_up.get(device_id)
            if read_at is not None and self._clock.now() - read_at < unread_for:
                return False
            self._note(device_id, user, by_administrator=True)
            self.assign_user(device_id, user)
            return True

    def unassign(self, device_id: str, what: Assignment, *, at: datetime) -> None:
        """As in the tenant."""
        with self._turn:
            user = self.devices[device_id].user_principal_name or ""
            self.posts.append(Post(at=self._clock.now(), device=device_id, user=user))
            super().unassign(device_id, what, at=at)

    def sweep(self, now: datetime) -> None:
        """As in the tenant."""
        with self._turn:
            super().sweep(now)

    def _clear(self, device: Device, what: Assignment) -> None:
        self._note(device.id, "", by_administrator=False)
        super()._clear(device, what)

    def _note(self, device_id: str, user: str, *, by_administrator: bool) -> None:
        before = self.devices[device_id].user_principal_name or ""
        now = self._clock.now()
        self.changes.append(
            Change(at=now, device=device_id, before=before, user=user, by_administrator=by_administrator)
        )
