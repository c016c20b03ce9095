"""How each part is cut off from the hosts, and brought back. Carries out; decides nothing."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

from cli.parts import OUTCOMES
from emulators.graph.faults import Effect, Hang, Reset, Status, When
from emulators.servicebus import faults as bus_faults
from emulators.servicebus.faults import Fault
from tests.azurite import Azurite
from tests.chaos.faults import Cut
from tests.e2e.breakable import Breakable
from tests.e2e.site import Site

type BringBack = Callable[[], object]


class _Part(Protocol):
    def start(self) -> object: ...

    def stop(self) -> None: ...


_SILENT: Final = timedelta(seconds=2)
"""How long POSTs arrive that are never answered."""


@dataclass(slots=True)
class Cutting:
    """Cuts off the parts of a site, one at a time. `tables` is where the journal is, if it is no file."""

    site: Site
    tables: Azurite | None = None
    _ways: dict[Cut, Callable[[], BringBack]] = field(init=False)

    def __post_init__(self) -> None:
        bus, graph, identity = self.site.service_bus, self.site.graph, self.site.parts.identity
        self._ways = {
            Cut.BUS_LINKS: partial(_at_once, bus.cut_connections),
            Cut.BUS_CLOSED: partial(_at_once, bus.drop_connections),
            Cut.BUS_REFUSED: partial(_down, bus),
            Cut.BUS_STOPPED: bus.freeze,
            Cut.BUS_ANSWERS: partial(self._bus, Fault(effect=bus_faults.Effect.LOSE_ANSWER, times=None)),
            Cut.BUS_BUSY: partial(self._bus, bus_faults.out_of_reach()),
            Cut.TOPIC: partial(self._bus, bus_faults.out_of_reach(OUTCOMES)),
            Cut.GRAPH_REFUSED: partial(_down, graph),
            Cut.GRAPH_STOPPED: graph.freeze,
            Cut.GRAPH_ANSWERS: partial(self._graph, When(method="POST"), Reset(after_handling=True)),
            Cut.GRAPH_SILENT: self._silent,
            Cut.GRAPH_ERRORS: partial(self._graph, When(), Status(503)),
            Cut.GRAPH_THROTTLES: partial(self._graph, When(), Status(429, headers={"Retry-After": "2"})),
            Cut.IDENTITY_REFUSED: partial(_down, identity),
            Cut.IDENTITY_STOPPED: identity.freeze,
            Cut.IDENTITY_ERRORS: self._identity_errors,
            Cut.JOURNAL_GONE: self._journal_gone,
            Cut.JOURNAL_STOPPED: self._journal_stopped,
        }

    def begin(self, cut: Cut) -> BringBack:
        """Cut it off; what is returned brings it back."""
        return self._ways[cut]()

    def _bus(self, fault: Fault) -> BringBack:
        self.site.service_bus.faults.add(fault)
        return partial(self.site.service_bus.faults.lift, fault)

    def _graph(self, when: When, *effects: Effect) -> BringBack:
        self.site.graph.faults.add(when, *effects)
        return self.site.graph.faults.clear

    def _silent(self) -> BringBack:
        """Whoever posts in the next moments waits in vain, although it was done, until their own deadline."""
        self.site.graph.faults.add(When(method="POST", lasting=_SILENT), Hang(after_handling=True))
        return lambda: None

    def _identity_errors(self) -> BringBack:
        self.site.parts.identity.faults.add(When(), Status(503, headers={"Retry-After": "1"}))
        return self.site.parts.identity.faults.clear

    def _journal_gone(self) -> BringBack:
        if self.tables is not None:
            self.tables.stop()
            return self.tables.start
        journal = Breakable(self.site)
        journal.take_away()
        return journal.bring_back

    def _journal_stopped(self) -> BringBack:
        """The table's process is stopped; a file is locked by another process for as long."""
        if self.tables is not None:
            self.tables.freeze()
            return self.tables.thaw
        other = sqlite3.connect(self.site.journal, isolation_level=None)
        other.execute("PRAGMA busy_timeout = 20000")  # a host that was stopped may hold it
        other.execute("BEGIN EXCLUSIVE")
        return other.close


def _at_once(act: Callable[[], object]) -> BringBack:
    act()
    return lambda: None


def _down(part: _Part) -> BringBack:
    part.stop()
    return part.start
