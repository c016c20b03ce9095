"""The rate limit as a message meets it: permit, read, post; or put off to a slot, which is no attempt."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from shared import ports
from shared.domain.errors import GraphUnavailable
from shared.messaging.settlement import Complete
from shared.messaging.slot import Slot
from tests import builders, fakes
from tests.scene import Scene

SLOT = Slot(fakes.NOW + timedelta(seconds=30), 1, 0)


class FakePermits:
    """Permits by script: a call fails with what is next in `answers`, or is granted; `returned` were not needed.

    Takes back, and says whether it is good, only what it gave.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.script = scene.script
        self.opened: list[tuple[ports.Booking, bool]] = []
        self.bookings: list[ports.Booking] = []
        self.taken: list[ports.Permit] = []
        self.returned = 0
        self.void = 0

    async def open(self, booking: ports.Booking, *, writes: bool) -> None:
        self.opened.append((booking, writes))
        async with self.script.call("permits.open"):
            pass

    async def take(self, booking: ports.Booking) -> ports.Permit:
        self.bookings.append(booking)
        async with self.script.call("permits.take"):
            self.taken.append(ports.Permit(self.scene.clock.now(), 0))
            return self.taken[-1]

    def valid(self, permit: ports.Permit) -> bool:
        assert any(permit is each for each in self.taken)
        self.void -= 1
        return self.void < 0

    def give_back(self, permit: ports.Permit) -> None:
        assert any(permit is each for each in self.taken)
        self.returned += 1


def limited(scene: Scene) -> FakePermits:
    permits = FakePermits(scene)
    scene.limit(permits)
    return permits


def graph_calls(scene: Scene) -> list[str]:
    return [call for call in scene.script.trail if call.startswith(("permits.take", "graph.get", "graph.unassign"))]


async def test_rule_3_the_permit_is_taken_before_the_read_and_the_post_follows_the_read() -> None:
    scene = Scene(builders.device())
    permits = limited(scene)

    await scene.retire()

    assert graph_calls(scene) == ["permits.take", "graph.get", "graph.unassign"]
    assert permits.returned == 0


async def test_rule_11_a_message_without_a_permit_is_put_off_to_its_slot_which_is_no_attempt() -> None:
    scene = Scene(builders.device())
    limited(scene)
    scene.script.fail("permits.take", ports.NoPermitYet(SLOT.at - timedelta(seconds=1), SLOT))

    await scene.retire()

    copy = scene.settler.scheduled[0]
    assert scene.settlements == [Complete()]
    assert copy.enqueue_at == SLOT.at - timedelta(seconds=1)
    assert copy.application_properties["slot"] == str(SLOT)
    assert copy.application_properties["attempt"] == 1
    assert "firstFailedAt" not in copy.application_properties
    assert scene.posted == []


async def test_where_our_clock_is_behind_the_brokers_the_copy_comes_at_its_slot_by_ours() -> None:
    scene = Scene(builders.device())
    limited(scene)
    scene.script.fail("permits.take", ports.NoPermitYet(SLOT.at, SLOT))
    behind = timedelta(minutes=5)

    await scene.retire(enqueued_time_utc=fakes.NOW + behind)

    assert scene.settler.scheduled[0].enqueue_at == SLOT.at + behind


async def test_the_copy_brings_its_slot_and_ends_the_message() -> None:
    scene = Scene(builders.device())
    permits = limited(scene)
    scene.script.fail("permits.take", ports.NoPermitYet(SLOT.at, SLOT))
    await scene.retire()

    await scene.deliver_the_copy()

    assert permits.bookings[-1].slot == SLOT
    assert scene.outcomes() == {"d1": "unassigned"}


async def test_a_leavers_devices_that_wait_come_back_together_at_the_last_of_their_places() -> None:
    scene = Scene(*(builders.device(f"d{number}") for number in range(4)))
    limited(scene)
    for number in (1, 2, 3):
        at = SLOT.at + timedelta(seconds=number)
        scene.script.fail("permits.take", ports.NoPermitYet(at, Slot(at, 1, 0)))

    await scene.offboard()
    before = len(scene.posted)
    await scene.deliver_the_copy()

    last = SLOT.at + timedelta(seconds=3)
    assert scene.settler.scheduled[0].application_properties["slot"] == str(Slot(last, 3, 0))
    assert (before, len(scene.posted)) == (1, 4)
    assert set(scene.outcomes().values()) == {"unassigned"}


async def test_of_the_places_of_a_leavers_devices_those_that_are_kept_and_still_good_come_back() -> None:
    scene = Scene(*(builders.device(f"d{number}") for number in range(3)))
    limited(scene)
    for slot in (None, Slot(SLOT.at, 1, epoch=6), Slot(SLOT.at + timedelta(seconds=1), 1, epoch=7)):
        scene.script.fail("permits.take", ports.NoPermitYet(SLOT.at if slot is None else slot.at, slot))

    await scene.offboard()

    assert scene.settler.scheduled[0].application_properties["slot"] == str(Slot(SLOT.at + timedelta(seconds=1), 1, 7))


async def test_a_failure_that_counts_as_an_attempt_decides_before_the_rate_limit() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    limited(scene)
    scene.script.fail("permits.take", ports.NoPermitYet(SLOT.at, SLOT))
    scene.script.fail("graph.get", GraphUnavailable("down"))

    await scene.offboard()

    assert scene.settler.scheduled[0].application_properties["attempt"] == 2


async def test_while_the_gate_is_closed_nothing_is_asked_and_no_attempt_is_counted() -> None:
    scene = Scene(builders.device())
    limited(scene)
    until = fakes.NOW + timedelta(minutes=5)
    scene.script.fail("permits.open", ports.NoPermitYet(until, None), times=2)

    await scene.offboard()
    await scene.retire(message_id="message-2")

    assert [copy.enqueue_at for copy in scene.settler.scheduled] == [until, until]
    assert [copy.application_properties["attempt"] for copy in scene.settler.scheduled] == [1, 1]
    assert not any(call.startswith("graph.") for call in scene.script.trail)


async def test_a_permit_that_turns_out_not_to_be_needed_is_given_back() -> None:
    scene = Scene(builders.device(user=None))
    permits = limited(scene)

    await scene.retire()

    assert permits.returned == 1


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("deliver", [Scene.offboard, Scene.retire], ids=["offboarded", "retired"])
async def test_before_the_list_is_asked_the_gate_is_with_the_messages_own_place(
    deliver: Callable[[Scene], Awaitable[None]], dry_run: bool
) -> None:
    scene = Scene(builders.device())
    permits = limited(scene)
    await deliver(scene)
    (booking,) = permits.bookings
    if dry_run:
        scene = Scene(builders.device(), dry_run=True)
        permits = limited(scene)
        await deliver(scene)

    assert permits.opened == [(booking, not dry_run)]


async def test_a_dry_run_takes_no_permit() -> None:
    scene = Scene(builders.device(), dry_run=True)
    permits = limited(scene)

    await scene.retire()

    assert permits.bookings == []
    assert scene.outcomes() == {"d1": "wouldUnassign"}


async def test_a_permit_that_was_voided_is_taken_anew_and_the_device_read_again() -> None:
    scene = Scene(builders.device())
    permits = limited(scene)
    permits.void = 2

    await scene.retire()

    assert graph_calls(scene) == ["permits.take", "graph.get", "permits.take", "graph.get", "graph.unassign"]
    assert permits.bookings[1] == permits.bookings[0]


async def test_a_message_whose_permit_was_voided_is_put_off_with_nothing_posted_on_record() -> None:
    scene = Scene(builders.device())
    permits = limited(scene)
    permits.void = 2
    scene.script.before(
        "journal.append.intent", lambda: scene.script.fail("permits.take", ports.NoPermitYet(SLOT.at, SLOT))
    )
    await scene.retire()
    scene.graph.clear("d1")

    await scene.deliver_the_copy()

    assert scene.posted == []
    assert scene.outcomes() == {"d1": "alreadyUnassigned"}


@pytest.mark.parametrize("seconds", [4.5, 5.5])
async def test_rule_3_a_read_that_grew_old_while_the_intent_was_written_is_taken_again(seconds: float) -> None:
    scene = Scene(builders.device())
    limited(scene)
    scene.script.before("journal.append.intent", lambda: scene.clock.advance(seconds=seconds))

    await scene.retire()

    assert graph_calls(scene) == ["permits.take", "graph.get", "graph.get", "graph.unassign"]


async def test_a_look_without_a_permit_is_put_off_to_its_slot_too() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    limited(scene)
    await scene.offboard()
    until = scene.settler.verifications[0].enqueue_at + timedelta(seconds=30)
    scene.script.fail("permits.take", ports.NoPermitYet(until, Slot(until, 1, 0)))

    await scene.look_again()

    (copy,) = scene.settler.scheduled
    assert (copy.original.queue, copy.enqueue_at) == (builders.VERIFICATION, until)
    assert copy.application_properties["slot"] == str(Slot(until, 1, 0))
