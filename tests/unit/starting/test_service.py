from dataclasses import replace

from shared.processor import Processor
from shared.start import Service
from tests import builders
from tests.scene import Scene


class Making:
    """Makes the scene's processor, and counts how often."""

    def __init__(self) -> None:
        self.scene = Scene(builders.device())
        self.times = 0

    def __call__(self) -> Processor:
        self.times += 1
        return self.scene.processor


async def test_the_processor_is_made_for_the_first_message_and_once() -> None:
    making = Making()
    service = Service(making)
    assert making.times == 0

    await service.user_offboarding(builders.Trigger(body=builders.offboarded_body(), message_id="m1"))
    await service.device_retirement(builders.Trigger(body=builders.retired_body(), message_id="m2"))

    assert making.times == 1
    assert [report["eventType"] for report in making.scene.reports] == ["user.offboarded", "device.retired"]


async def test_closing_what_never_had_a_message_makes_nothing() -> None:
    making = Making()

    await Service(making).close()

    assert making.times == 0


async def test_closing_closes_the_processor_that_was_made() -> None:
    closed: list[str] = []

    async def close() -> None:
        closed.append("closed")

    service = Service(lambda: replace(Scene().processor, close=close))
    await service.user_offboarding(builders.Trigger())

    await service.close()

    assert closed == ["closed"]
