"""The run: sends the load, lets the faults happen and the administrator act, and waits until everything has ended."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, VERIFICATION
from tests.chaos.administrator import Administrator
from tests.chaos.cutting import Cutting
from tests.chaos.faults import Cut, Hurt, Planned
from tests.chaos.hosts import Hosts
from tests.chaos.load import Load, Sending
from tests.chaos.operator import Operator
from tests.chaos.sending import Sender
from tests.e2e.site import Site

MOST_UNDER_WAY: Final = 300
"""How many messages are in the queues at most: the others are sent as these end."""
AT_ONCE: Final = 50
_LOOK_SECONDS: Final = 0.5
_NEXT_AT_LATEST: Final = 60.0
"""How long a fault waits for its share of messages to end: with everything cut off, none may."""
_REPLAYED_AFTER: Final = 0.3
"""So much has ended when the operator looks at the dead letters."""
_STILL: Final = 3
"""So many looks in a row find nothing to do, before it is over."""


@dataclass(slots=True, kw_only=True)
class Driver:
    """`happened` counts the faults. `out_of_time` tells that something had not ended after `patience`."""

    site: Site
    load: Load
    plan: Sequence[Planned]
    hosts: Hosts
    cutting: Cutting
    sender: Sender
    administrator: Administrator
    operator: Operator
    patience: timedelta
    tell: Callable[[str], None]
    happened: Counter[Hurt | Cut] = field(default_factory=Counter)
    out_of_time: bool = False
    _unsent: deque[Sending] = field(init=False)
    _faults: deque[Planned] = field(init=False)
    _cut_until: tuple[float, Callable[[], object]] | None = None
    _last_fault: float = field(default_factory=time.monotonic)
    _under_way: int = 0
    _looks: int = 0

    def __post_init__(self) -> None:
        self._unsent = deque(each for each in self.load.sendings if not each.held)
        self._faults = deque(self.plan)

    def run(self) -> None:
        """Return when all is sent and has ended, and all faults have happened and are over; or when patience is at its end."""
        give_up = time.monotonic() + self.patience.total_seconds()
        still = 0
        try:
            while still < _STILL and not self.out_of_time:
                self._step()
                still = still + 1 if self._nothing_left() else 0
                self.out_of_time = time.monotonic() > give_up
                time.sleep(_LOOK_SECONDS)
        finally:
            self.operator.close()
            self._bring_back()

    def _step(self) -> None:
        self.hosts.tend()
        self._look()
        self._send()
        self._unsent.extend(self.administrator.act())
        if self.ended > _REPLAYED_AFTER:
            self.operator.act(over=not (self._unsent or self._under_way))
        self._break()

    @property
    def ended(self) -> float:
        """The share of the messages that have ended, or were dropped as duplicates."""
        return max(self.sender.arrived - self._under_way, 0) / len(self.load.sendings)

    def _look(self) -> None:
        views = [self.site.service_bus.snapshot(queue) for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT)]
        self._under_way = sum(len(view.active) + len(view.locked) + len(view.scheduled) for view in views)
        self._looks += 1
        if self._looks % 20 == 0:
            self.tell(f"{self.ended:.0%} ended, {self._under_way} under way, {sum(self.happened.values())} faults")

    def _send(self) -> None:
        on_their_way = self._under_way
        while self._unsent and on_their_way < MOST_UNDER_WAY and self.sender.idle:
            some = [self._unsent.popleft() for _ in range(min(len(self._unsent), AT_ONCE))]
            self.sender.send(some)
            on_their_way += len(some)

    def _nothing_left(self) -> bool:
        waits = (
            self._unsent
            or self._faults
            or self.administrator.waits
            or self.operator.waits
            or self._cut_until is not None
        )
        if waits or not self.sender.idle or self._under_way:
            return False
        view = self.site.service_bus.snapshot(VERIFICATION)
        return not (view.active or view.locked or view.scheduled)

    # What goes wrong

    def _break(self) -> None:
        now = time.monotonic()
        if self._cut_until is not None and now >= self._cut_until[0]:
            self._bring_back()
        while (
            self.ended
            and self._faults
            and (self.ended >= self._faults[0].at or now > self._last_fault + _NEXT_AT_LATEST)
        ):
            if not self._possible(self._faults[0]):
                return
            planned = self._faults.popleft()
            self._last_fault = now
            self.happened[planned.what] += 1
            self.tell(f"{self.ended:.0%} ended: {planned.what}")
            self._happen(planned, now)

    def _possible(self, planned: Planned) -> bool:
        """One cut at a time, and no hurt to who is down: what is not possible now waits, and all after it."""
        if isinstance(planned.what, Cut):
            return self._cut_until is None and self.hosts.up(planned.place)
        return self.hosts.up(planned.place)

    def _happen(self, planned: Planned, now: float) -> None:
        match planned.what:
            case Hurt.KILL:
                self.hosts.kill(planned.place)
            case Hurt.TERMINATE:
                self.hosts.terminate(planned.place)
            case Hurt.STOP:
                self.hosts.stop(planned.place, planned.seconds)
            case cut:
                self._cut_until = now + planned.seconds, self.cutting.begin(cut)
                if cut in (Cut.IDENTITY_REFUSED, Cut.IDENTITY_STOPPED, Cut.IDENTITY_ERRORS):
                    self.hosts.kill(planned.place)  # the next one needs a token, which the others have
                    self.happened[Hurt.KILL] += 1

    def _bring_back(self) -> None:
        if self._cut_until is not None:
            self._cut_until[1]()
            self._cut_until = None
