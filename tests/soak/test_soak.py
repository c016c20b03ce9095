"""A short soak: nothing is kept of messages that have ended, no task is left, no file; and a leak that is planted is found."""

from collections import Counter
from dataclasses import replace

import pytest

from shared.domain import events
from shared.messaging import contract
from shared.messaging.incoming import IncomingMessage
from tests import quiet, virtual_time
from tests.soak import host, soaking
from tests.soak.gauge import Figures
from tests.soak.host import HostFigures
from tests.soak.service import Decode, Service

DEVICES = 200
WAVES = 10


def ignore(figures: object) -> None:
    """Nobody reads them."""


def grown(decode: Decode = contract.decode) -> tuple[list[str], Service]:
    async def main() -> tuple[list[str], Service]:
        service = Service(DEVICES, seed=0, decode=decode)
        figures = await soaking.soak(service, waves=WAVES, warm_up=4, each=WAVES - 4, trace=False, tell=ignore)
        return list(soaking.too_much(figures, memory=False)), service

    with quiet.looked_at() as watch:  # pytest would keep every line
        ended = virtual_time.run(main())
        assert watch.take(None) == []
    return ended


def test_nothing_is_kept_of_what_has_ended() -> None:
    found, service = grown()

    assert found == []
    assert service.wire.opened > service.wire.open, "no link ever failed"
    assert service.bus.buried == DEVICES * WAVES // 10
    assert service.bus.outcomes > DEVICES * WAVES


def test_a_reader_that_keeps_its_messages_is_found() -> None:
    kept: list[events.Event] = []

    def decode(message: IncomingMessage, event_type: str) -> events.Event:
        kept.append(contract.decode(message, event_type))
        return kept[-1]

    found, _ = grown(decode)

    assert "objects are kept" in found[0]


def figures(**grown: float) -> list[Figures]:
    """Before and after a thousand messages."""
    before = Figures(
        messages=0, rss_mib=80.0, blocks=0, traced_mib=0.0, tasks=1, open_files=8, links=7, objects=Counter(dict=100)
    )
    after = {name: getattr(before, name) + more for name, more in grown.items()}
    return [before, replace(before, messages=1000, **after)]


@pytest.mark.parametrize(
    ("grown_by", "found"),
    [
        ({"rss_mib": 5.0, "blocks": 1100, "traced_mib": 5.0}, []),
        ({"rss_mib": 5.1}, ["RSS grew by 5.1 MiB"]),
        ({"traced_mib": 5.1}, ["memory held grew by 5.1 MiB"]),
        ({"blocks": 1101}, ["1101 blocks of memory are kept, in 1000 messages"]),
        ({"tasks": 1}, ["1 tasks more"]),
        ({"open_files": 2}, ["2 open files more"]),
        ({"links": 1}, ["1 links more"]),
        ({"objects": Counter(dict=21)}, ["objects are kept, in 1000 messages: dict 21"]),
    ],
)
def test_what_grows_beyond_its_bound_is_told(grown_by: dict[str, float], found: list[str]) -> None:
    assert list(soaking.too_much(figures(**grown_by), memory=True)) == found


def test_what_a_host_keeps_is_told() -> None:
    before = HostFigures(messages=0, rss_mib=100.0, open_files=26, threads=3, sockets=9)
    grown_a_little = replace(before, rss_mib=105.0)
    grown_much = replace(before, rss_mib=105.1, open_files=27, threads=4, sockets=10)

    assert list(host.too_much([before, grown_a_little])) == []
    assert list(host.too_much([before, grown_much])) == [
        "the host's RSS grew by 5.1 MiB",
        "the host has 1 open files more",
        "the host has 1 threads more",
        "the host has 1 sockets more",
    ]
