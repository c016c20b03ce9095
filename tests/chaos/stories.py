"""What the messages are about: events, whom each may unassign, and which devices it is to clear. Knows no fault and no clock."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING
from shared.domain import events
from tests.e2e.people import PRIVATE

PROTECTED: Final = "chief."
"""How the names of the protected begin."""
NOBODY: Final = ""


class Kind(StrEnum):
    """What an event is, by what may come of it."""

    LEAVER = "leaver"
    FORMER_NAME = "leaver under a former name"
    RETIRED = "retired device"
    AHEAD = "leaver, effective a little later"
    GIVEN_AWAY = "device given to somebody else before"
    GIVEN_ON = "device given to somebody else after"
    REHIRED = "device given to the leaver again"
    SOMEBODY_ELSES = "retired device of somebody else"
    DRY_RUN = "dry run"
    PROTECTED = "protected user"
    MALFORMED = "malformed body"


REFUSED: Final = {Kind.PROTECTED: "ProtectedUser", Kind.MALFORMED: "InvalidMessage"}
"""Why an event of these kinds is dead-lettered; no other is."""
CHANGES_NOTHING: Final = (*REFUSED, Kind.SOMEBODY_ELSES, Kind.DRY_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event. `about` are the names that it may unassign, `devices` the ids of what it names, whether it may or not.

    `asks` is the body, without the `effectiveAt` that lies `ahead` of the begin of the run.
    """

    kind: Kind
    event_id: str
    queue: str
    asks: Mapping[str, Any]
    devices: tuple[str, ...] = ()
    about: frozenset[str] = frozenset()
    ahead: timedelta | None = None
    free_text: Mapping[str, str] = field(
        default_factory=lambda: {"requestedBy": PRIVATE, "ticket": f"{PRIVATE}-1", "reason": f"it is {PRIVATE}"}
    )

    @property
    def event_type(self) -> str:
        """The type that its outcome events have."""
        kinds = {USER_OFFBOARDING: events.UserOffboarded.TYPE, DEVICE_RETIREMENT: events.DeviceRetired.TYPE}
        return kinds[self.queue]

    @property
    def key(self) -> tuple[str, str]:
        """What the journal and the topic know it by."""
        return self.event_type, self.event_id

    @property
    def acts(self) -> bool:
        """Whether it may change a device."""
        return self.kind not in CHANGES_NOTHING

    def not_before(self, begun: datetime) -> datetime | None:
        """When it takes effect, if it says so."""
        return None if self.ahead is None else begun + self.ahead

    def body(self, begun: datetime) -> bytes:
        """The body of each of its messages; a malformed one is cut in the middle."""
        effective = {} if self.ahead is None else {"effectiveAt": (begun + self.ahead).isoformat()}
        text = json.dumps({**self.asks, "eventId": self.event_id, **effective, **self.free_text})
        return text[: len(text) // 2].encode() if self.kind is Kind.MALFORMED else text.encode()
