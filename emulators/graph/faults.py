"""Scripted faults, as data: when they strike, and what they do. Knows nothing of how they are carried out.

    faults.add(When(method="POST", path=UNASSIGN_USER, first=2, last=3), Status(429, headers={"Retry-After": "2"}))
    faults.add(When(path=LIST), Delay(seconds=0.5), NextLink("repeated"))
    faults.add(When(path=LIST, last=1), Reassign(device_id, "new.hire@contoso.example"))

All effects of all rules that strike are carried out, in this order: Delay and Hang, Reset before handling; the handling, or
Status in its place; Garble and NextLink; Reassign and Afterwards; then Hang and Reset that come after handling.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from emulators.clock import Clock
from emulators.graph.messages import ApiVersion, GraphRequest
from emulators.graph.tenant import Tenant

LIST: Final = re.compile(r"/windowsAutopilotDeviceIdentities(\?|$)")
"""The list of devices, any page of it."""
ONE_DEVICE: Final = re.compile(r"/windowsAutopilotDeviceIdentities/[^/?]+(\?|$)")
"""One device by id, not its actions."""
UNASSIGN_USER: Final = "/unassignUserFromDevice"
BATCH: Final = "/$batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Which requests a rule is for. `path`: part of the decoded path and query, or a pattern found in it.

    `first` and `last` count the requests that fit all else, from 1; None: no end. `lasting` counts from the adding.
    `batch_item`: only items of a batch, or only requests of their own (the batch itself is one).
    """

    method: str | None = None
    path: str | re.Pattern[str] | None = None
    api_version: ApiVersion | None = None
    batch_item: bool | None = None
    first: int = 1
    last: int | None = None
    lasting: timedelta | None = None

    def fits(self, request: GraphRequest) -> bool:
        """Whether the request is one to count."""
        return (
            self.method in (None, request.method)
            and self.api_version in (None, request.api_version)
            and self.batch_item in (None, request.batch_id is not None)
            and self._path_fits(request.path_and_query)
        )

    def _path_fits(self, path: str) -> bool:
        if self.path is None:
            return True
        return self.path in path if isinstance(self.path, str) else self.path.search(path) is not None


@dataclass(frozen=True, slots=True)
class Status:
    """This answer, and nothing is done: `Status(204)` changes nothing. Body None: Graph's error shape from 400 on."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Delay:
    """Real time before the handling. Who gives up waiting is not served."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hang:
    """No answer until `release()`. Before handling, who gives up waiting is not served; after it, all was done."""

    after_handling: bool = False
    released: threading.Event = field(default_factory=threading.Event, compare=False)

    def release(self) -> None:
        """Let those go on that hang, and all that come."""
        self.released.set()


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection is reset; after handling, all was done but the caller can't know."""

    after_handling: bool = False


@dataclass(frozen=True, slots=True)
class Garble:
    """The right status with a body that isn't the right one: a web page, half of the JSON, or a list around it."""

    to: Literal["html", "truncated", "list"]


@dataclass(frozen=True, slots=True)
class NextLink:
    """A page that leads astray: to itself, to itself by ever new links, or to another host. `empty`: with no entries.

    `NextLink("endless", empty=True)` on one call alone is an empty page before a good one.
    """

    to: Literal["repeated", "endless", "foreign"]
    empty: bool = False
    host: str = "https://graph.attacker.example"


@dataclass(frozen=True, slots=True)
class Reassign:
    """After the call, somebody assigns this device to another user ("": to nobody)."""

    device_id: str
    user_principal_name: str


@dataclass(frozen=True, slots=True)
class Afterwards:
    """After the call, something else happens to the tenant."""

    action: Callable[[Tenant], object]


Effect = Status | Delay | Hang | Reset | Garble | NextLink | Reassign | Afterwards


@dataclass(slots=True)
class Rule:
    """A rule that was added, and how many requests it has counted."""

    when: When
    effects: tuple[Effect, ...]
    added: datetime
    calls: int = 0

    def strike(self, request: GraphRequest, now: datetime) -> tuple[Effect, ...]:
        """Count the request if it fits; the effects on it."""
        over = self.when.lasting is not None and now >= self.added + self.when.lasting
        if over or not self.when.fits(request):
            return ()
        self.calls += 1
        struck = self.calls >= self.when.first and (self.when.last is None or self.calls <= self.when.last)
        return self.effects if struck else ()


class Faults:
    """The rules in force."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rules: list[Rule] = []

    def add(self, when: When, *effects: Effect) -> Rule:
        """Put a rule in force."""
        rule = Rule(when, effects, self._clock.now())
        self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules, and release what hangs."""
        rules, self._rules = self._rules, []
        for effect in (effect for rule in rules for effect in rule.effects):
            if isinstance(effect, Hang):
                effect.release()

    def strike(self, request: GraphRequest) -> tuple[Effect, ...]:
        """All effects on this request; to be asked once for each."""
        now = self._clock.now()
        return tuple(effect for rule in list(self._rules) for effect in rule.strike(request, now))
