"""The plan of faults: what goes wrong, when by the share of the messages that have ended, and for how long; all from one seed."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Hurt(StrEnum):
    """What is done to a host."""

    KILL = "kill -9"
    TERMINATE = "SIGTERM"
    STOP = "SIGSTOP"


class Cut(StrEnum):
    """How something is cut off from the hosts."""

    BUS_LINKS = "Service Bus: links cut"
    BUS_CLOSED = "Service Bus: connections closed"
    BUS_REFUSED = "Service Bus: port refused"
    BUS_STOPPED = "Service Bus: stopped"
    BUS_ANSWERS = "Service Bus: answers lost"
    BUS_BUSY = "Service Bus: busy"
    TOPIC = "topic: out of reach"
    GRAPH_REFUSED = "Graph: port refused"
    GRAPH_STOPPED = "Graph: stopped"
    GRAPH_ANSWERS = "Graph: answers to POSTs lost"
    GRAPH_SILENT = "Graph: answers to POSTs never come"
    GRAPH_ERRORS = "Graph: 503"
    GRAPH_THROTTLES = "Graph: 429"
    IDENTITY_REFUSED = "identity: port refused"
    IDENTITY_STOPPED = "identity: stopped"
    IDENTITY_ERRORS = "identity: 503"
    JOURNAL_GONE = "journal: gone"
    JOURNAL_STOPPED = "journal: locked or stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One fault, once `at` of all messages have ended. `place` is which host, `seconds` how long it lasts."""

    at: float
    what: Hurt | Cut
    place: int = 0
    seconds: float = 0.0


_FIRST: Final = 0.02
_LAST: Final = 0.9


def plan(chance: random.Random, *, kills: int, cuts: int, hosts: int, cut: float, stop: float) -> list[Planned]:
    """So many kills with signal 9 and, for four of them, a SIGTERM and a SIGSTOP; so many cuts, each way before one comes again.

    A cut takes at most `cut` seconds, a SIGSTOP `stop`.
    """
    ways: list[Cut] = []
    while len(ways) < cuts:
        ways += chance.sample(list(Cut), len(Cut))
    gentler = -(-kills // 4)
    hurts = [Hurt.KILL] * kills + [Hurt.TERMINATE] * gentler + [Hurt.STOP] * gentler
    what: list[Hurt | Cut] = [*hurts, *ways[:cuts]]
    chance.shuffle(what)
    step = (_LAST - _FIRST) / max(len(what), 1)
    return [
        Planned(
            at=_FIRST + (number + chance.random()) * step,
            what=each,
            place=chance.randrange(hosts),
            seconds=chance.uniform(0.3, 1.0) * (stop if each is Hurt.STOP else cut),
        )
        for number, each in enumerate(what)
    ]
