import pytest

from cli.unassigning.memory import MemoryRecord
from shared.blast_radius import Allowance, BlastRadius
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import Step
from shared.domain.identifiers import UserPrincipalName
from shared.domain.report import Outcome
from tests import builders
from tests.builders import LEAVER, SUCCESSOR, device
from tests.unit.cli.terminal import Terminal, order


async def test_each_device_is_read_recorded_and_then_unassigned() -> None:
    terminal = Terminal(device("d1"), device("d2", SUCCESSOR))

    outcomes = await terminal.carry_out(order("d1", "d2"))

    assert outcomes == [Outcome.UNASSIGNED] * 2
    assert {post for post, _ in terminal.graph.posts} == {"d1", "d2"}
    steps = [(entry.device.autopilot_device_id, entry.step) for entry in terminal.journal.entries]
    assert sorted(steps) == [(name, step) for name in ("d1", "d2") for step in (Step.ACCEPTED, Step.INTENT)]
    assert len(terminal.told) == 2


@pytest.mark.parametrize(
    ("record", "expect_user", "outcome"),
    [
        (device("d1"), LEAVER.upper(), Outcome.UNASSIGNED),
        (device("d1", SUCCESSOR), LEAVER, Outcome.ASSIGNED_TO_SOMEONE_ELSE),
        (device("d1", None), LEAVER, Outcome.ALREADY_UNASSIGNED),
        (device("d2"), LEAVER, Outcome.NOT_FOUND),
    ],
    ids=["the user", "somebody else", "nobody", "gone"],
)
async def test_a_user_who_is_expected_is_compared_first(
    record: AutopilotDevice, expect_user: str, outcome: Outcome
) -> None:
    terminal = Terminal(record)

    assert await terminal.carry_out(order("d1", expect_user=UserPrincipalName(expect_user))) == [outcome]
    assert bool(terminal.graph.posts) is (outcome is Outcome.UNASSIGNED)


@pytest.mark.parametrize(("user", "posts"), [(LEAVER, 1), (SUCCESSOR, 0)])
async def test_a_resource_account_goes_only_with_the_user_who_is_expected(user: str, posts: int) -> None:
    terminal = Terminal(device("d1", resource_name="room-7"))
    wanted = order("d1", action=Action.UNASSIGN_RESOURCE_ACCOUNT, expect_user=UserPrincipalName(user))

    await terminal.carry_out(wanted)

    assert len(terminal.graph.posts) == posts


@pytest.mark.parametrize(
    "guard",
    [
        Guard(max_devices_per_user=10, protected_users=[LEAVER]),
        Guard(max_devices_per_user=10, protected_serial_numbers=[f"{builders.SERIAL_NUMBER}-*"]),
    ],
    ids=["user", "device"],
)
async def test_what_is_protected_is_left_alone_and_not_tried_again(guard: Guard) -> None:
    terminal = Terminal(device("d1"), guard=guard)

    assert await terminal.carry_out(order("d1")) == [Outcome.FAILED]
    assert (terminal.graph.posts, terminal.slept) == ([], [])
    assert "Protected" in str(terminal.results[0].report.detail)


async def test_devices_are_counted_among_those_of_the_hour() -> None:
    terminal = Terminal(device("d1"), device("d2"), device("d3", None))
    radius = BlastRadius(MemoryRecord(), clock=terminal.clock, limit=1)
    terminal.allowance = Allowance(radius, expected=1, released=False)

    outcomes = await terminal.carry_out(order("d1", "d2", "d3"))

    assert outcomes == [Outcome.UNASSIGNED, Outcome.FAILED, Outcome.ALREADY_UNASSIGNED]
    assert "BlastRadiusExceeded" in str(terminal.results[1].report.detail)


async def test_what_if_changes_nothing() -> None:
    terminal = Terminal(device("d1"))

    assert await terminal.carry_out(order("d1", what_if=True)) == [Outcome.WOULD_UNASSIGN]
    assert terminal.graph.posts == []
