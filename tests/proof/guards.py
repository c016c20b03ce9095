"""What the guards are to hold back, and whether a POST went past them. Knows the settings, the tenant, and who released what."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.domain.device import AutopilotDevice
from shared.domain.guard import Guard
from tests.proof.ledger import Delivery, Ledger, Post
from tests.proof.sent import Sent
from tests.proof.tenant import Tenant

PROTECTED: Final = "chief@contoso.com"
KIOSK: Final = "kiosk"
"""A group tag whose devices are not touched."""
_WITHIN: Final = timedelta(minutes=40)
"""An hour, less what may lie between counting and the intent: a process that stands still, and clocks that differ."""
_USER: Final = "unassignUser"

type About = tuple[str, str, str]
"""An event, a device, and what was to be done about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The settings, the same for all processes."""

    devices_per_user: int = 10
    devices_per_hour: int = 1_000

    @property
    def guard(self) -> Guard:
        """As the service knows them."""
        return Guard(
            max_devices_per_user=self.devices_per_user, protected_users=(PROTECTED,), protected_group_tags=(KIOSK,)
        )


WIDE: Final = Limits()
NARROW: Final = Limits(devices_per_user=2, devices_per_hour=3)


@dataclass(slots=True)
class Guards:
    """Judges each intent and each POST that nobody released: an override on record, for that run, whose id the message has."""

    tenant: Tenant
    ledger: Ledger
    limits: Limits
    kiosks: frozenset[str]
    _intended: dict[About, datetime] = field(default_factory=dict)
    _posted: dict[tuple[str | None, int | None], set[str]] = field(default_factory=dict)

    def intended(self, delivery: Delivery, about: About, at: datetime) -> None:
        """The journal took an intent: the device is one of its hour's, once for each event."""
        if about in self._intended:
            return
        self._intended[about] = at
        within, most = sum(at - each <= _WITHIN for each in self._intended.values()), self.limits.devices_per_hour
        self._find(delivery, f"{about[1]} is one of at most {most} devices within an hour", within <= most)

    def sent(self, post: Post, user: str | None) -> None:
        """A POST is about to be sent, about a record that named that user."""
        delivery = post.delivery
        devices = self._posted.setdefault((delivery.event, delivery.run), set())
        devices.add(post.device)
        unprotected = user != PROTECTED or post.action != _USER
        self._find(delivery, f"the POST on {post.device} takes it from nobody protected", unprotected)
        self._find(delivery, f"the POST on {post.device} is on no kiosk", post.device not in self.kiosks)
        most = self.limits.devices_per_user
        self._find(delivery, f"{delivery.event} posts on at most {most} devices", len(devices) <= most)

    def may_refuse(self, sent: Sent) -> frozenset[str]:
        """The dead letters that the guards make of what was sent, unless it was released."""
        if sent.released:
            return frozenset()
        theirs = [each for each in self.tenant.devices if self.tenant.named[each] & sent.about]
        concerned = [each for each in theirs if sent.devices is None or each in sent.devices]
        refusals = {
            "ProtectedUser": PROTECTED in sent.about,
            "ProtectedDevice": bool(self.kiosks.intersection(concerned)),
            "TooManyDevices": sent.devices is None and len(theirs) > self.limits.devices_per_user,
            "BlastRadiusExceeded": len(self.tenant.devices) > self.limits.devices_per_hour,
        }
        return frozenset(reason for reason, may_be in refusals.items() if may_be)

    def _find(self, delivery: Delivery, what: str, holds: bool) -> None:
        released = self.ledger.overrides.get(delivery.override) == (delivery.event, delivery.run)
        self.ledger.find(f"guarded: {what}, unless its run was released", holds or released)


def kiosks(devices: Iterable[AutopilotDevice]) -> frozenset[str]:
    """Those that are not to be touched."""
    return frozenset(each.autopilot_device_id for each in devices if each.group_tag == KIOSK)
