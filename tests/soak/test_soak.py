"""A short soak: nothing is kept of messages that have ended, no task is left, no file; and a leak that is planted is found."""

import logging
from collections.abc import Iterator

import pytest

from shared.domain import events
from shared.messaging import contract
from shared.messaging.incoming import IncomingMessage
from tests import virtual_time
from tests.soak import soaking
from tests.soak.service import Decode, Service

DEVICES = 200
WAVES = 10


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    """pytest keeps every line."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def ignore(figures: object) -> None:
    """Nobody reads them."""


def grown(decode: Decode = contract.decode) -> tuple[list[str], Service]:
    async def main() -> tuple[list[str], Service]:
        service = Service(DEVICES, seed=0, decode=decode)
        figures = await soaking.soak(service, waves=WAVES, warm_up=4, each=WAVES - 4, trace=False, tell=ignore)
        return list(soaking.too_much(figures, memory=False)), service

    return virtual_time.run(main())


def test_nothing_is_kept_of_what_has_ended() -> None:
    found, service = grown()

    assert found == []
    assert service.bus.buried == DEVICES * WAVES // 10
    assert service.bus.outcomes > DEVICES * WAVES


def test_a_reader_that_keeps_its_messages_is_found() -> None:
    kept: list[events.Event] = []

    def decode(message: IncomingMessage, event_type: str) -> events.Event:
        kept.append(contract.decode(message, event_type))
        return kept[-1]

    found, _ = grown(decode)

    assert "objects are kept" in found[0]
