"""The rule machine: hypothesis makes up what senders, operators and misfortune do, and finds a short story for what breaks.

After each rule the invariants hold; every story ends in calm weather, where everything must come to its end. A seed repeats its
stories.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as with_seed
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import builders
from tests.proof.dead_letters import REFUSALS
from tests.proof.faults import Fault, Mode, Side, kinds
from tests.proof.guards import KIOSK, NARROW, WIDE, Limits
from tests.proof.people import LEAVERS, Letter, People
from tests.proof.process import HONEST, Plant
from tests.proof.weather import KINDS, Weather
from tests.proof.world import World
from tests.virtual_time import VirtualLoop

_USERS: Final = (LEAVERS[0], LEAVERS[0], LEAVERS[1], LEAVERS[2], builders.SUCCESSOR, None)
_DEVICES: Final = tuple(f"d{number}" for number in range(len(_USERS)))
_MOST_PROCESSES: Final = 3
_MOMENTS: Final = (0.01, 0.03, 0.1, 0.3, 1, 10, 60, 320, 700, 4_000)
"""How long may pass between two rules (seconds): parts of a call, a retry, a lock, a look, an hour."""

_CALLS: Final = (
    *("graph.unassign", "graph.get", "graph.batch.unassign", "graph.batch.get", "graph.scan", "graph.search", "token"),
    *(
        "journal.read",
        "journal.append.intent",
        "journal.append.accepted",
        "journal.append.clear",
        "journal.append.found",
        "journal.append.withdrawn",
        "journal.conclude",
    ),
    *("schedule.verification", "schedule.copy", "publish", "settle.complete", "settle.deadletter"),
    *("quota.read", "quota.write", "radius.read", "radius.write", "scan.read", "scan.write"),
)
STORIES: Final = 20
"""How many are made up from one seed."""
_STEPS: Final = 15
_any_of: Final = st.integers(min_value=0, max_value=99)
"""A number for one of however many there are."""


def play(seed: int, plant: Plant = HONEST, *, shorten: bool = False) -> None:
    """Play the stories of that seed. Raises AssertionError, which says what broke and notes the story and its label."""
    phases = (Phase.generate, Phase.shrink) if shorten else (Phase.generate,)
    chosen = settings(
        max_examples=STORIES,
        stateful_step_count=_STEPS,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    story = type("Story", (Rules,), {"plant": plant})
    try:
        run_state_machine_as_test(with_seed(seed)(story), settings=chosen)
    except BaseException as error:
        error.add_note(f"again: python -m tests.proof stories:{seed}")
        raise


class Rules(RuleBasedStateMachine):
    """One story. `plant` is a wrong way of working, to see it caught."""

    plant: Plant = HONEST

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner(loop_factory=VirtualLoop)
        self._weather = Weather()
        self._kinds: dict[str, tuple[Side, Mode]] = {}
        self._calm = False

    @initialize(
        lag=st.sampled_from((0, 30, 400, 800)),
        page_size=st.sampled_from((1000, 2)),
        refuses=st.dictionaries(st.sampled_from(_DEVICES), st.sampled_from(tuple(REFUSALS)), max_size=1),
        skews=st.lists(st.sampled_from((0, -100, 100)), min_size=1, max_size=2),
        limits=st.sampled_from((WIDE, NARROW)),
        kiosk=st.sampled_from((None, *_DEVICES[:2])),
    )
    def begin(
        self, *, lag: int, page_size: int, refuses: dict[str, int], skews: list[int], limits: Limits, kiosk: str | None
    ) -> None:
        def world() -> World:
            return World(
                devices=[
                    builders.device(name, user, group_tag=KIOSK if name == kiosk else None)
                    for name, user in zip(_DEVICES, _USERS, strict=True)
                ],
                choose=self._fault,
                chance=random.Random(7),
                skews=[timedelta(seconds=skew) for skew in skews],
                lag=timedelta(seconds=lag),
                page_size=page_size,
                refuses=refuses,
                limits=limits,
                plant=self.plant,
                weather=self._weather.meets,
            )

        self._world = self._do(world)
        self._people = People(self._world)

    @rule(user=st.sampled_from(LEAVERS), dry_run=st.sampled_from((False,) * 5 + (True,)))
    def send_a_leaver(self, user: str, dry_run: bool) -> None:
        self._do(lambda: self._people.offboard(user, dry_run=dry_run))

    @rule(user=st.sampled_from(LEAVERS[:2]), in_seconds=st.sampled_from(_MOMENTS))
    def send_who_leaves_later(self, user: str, in_seconds: float) -> None:
        self._do(lambda: self._people.offboard(user, in_seconds=in_seconds))

    @rule(device=st.sampled_from(_DEVICES), user=st.sampled_from(LEAVERS[:2]), by_serial_number=st.booleans())
    def send_a_device(self, device: str, user: str, by_serial_number: bool) -> None:
        self._retire(device, user, by_serial_number=by_serial_number)

    @rule(user=st.sampled_from(LEAVERS[:2]))
    def send_all_devices_at_once(self, user: str) -> None:
        for device in _DEVICES:
            self._retire(device, user, by_serial_number=False)

    @rule()
    def send_garbage(self) -> None:
        self._do(self._people.send_garbage)

    @precondition(lambda self: self._people.letters)
    @rule(which=_any_of)
    def duplicate(self, which: int) -> None:
        self._do(lambda: self._people.send_twice(self._letter(which)))

    @precondition(lambda self: self._people.letters)
    @rule(which=_any_of)
    def send_the_event_again(self, which: int) -> None:
        self._do(lambda: self._people.send_anew(self._letter(which)))

    @precondition(lambda self: self._people.letters)
    @rule(which=_any_of, override=_any_of)
    def say_that_it_was_released(self, which: int, override: int) -> None:
        self._do(lambda: self._people.forge(self._letter(which), override))

    @precondition(lambda self: self._people.dead_letters())
    @rule(which=_any_of, override=st.booleans())
    def replay(self, which: int, override: bool) -> None:
        self._do(lambda: self._people.replay(which % self._people.dead_letters(), override=override))

    @precondition(lambda self: self._people.letters)
    @rule(which=_any_of)
    def undo(self, which: int) -> None:
        self._do(lambda: self._people.undo(self._letter(which)))

    @rule(seconds=st.sampled_from(_MOMENTS))
    def let_time_pass(self, seconds: float) -> None:
        self._runner.run(self._world.run_for(seconds))

    @rule(which=_any_of)
    def crash(self, which: int) -> None:
        self._do(lambda: self._world.kill(which % self._world.processes))

    @rule(call=st.sampled_from(_CALLS), kind=_any_of)
    def a_call_will_fail(self, call: str, kind: int) -> None:
        every = kinds(call)
        self._kinds[call] = every[kind % len(every)]

    @rule()
    def the_answer_to_a_post_will_be_lost(self) -> None:
        self._kinds |= dict.fromkeys(("graph.unassign", "graph.batch.unassign"), (Side.AFTER, Mode.ERROR))

    @rule(kind=st.sampled_from(KINDS), seconds=st.sampled_from((5, 60, 900)))
    def somebody_is_out_of_reach(self, kind: str, seconds: int) -> None:
        self._do(lambda: self._weather.turn(kind, seconds))

    @rule(device=st.sampled_from(_DEVICES))
    def reassign(self, device: str) -> None:
        self._do(lambda: self._world.tenant.assign(device, builders.SUCCESSOR))

    @rule()
    def a_lock_is_lost(self) -> None:
        self._do(self._world.bus.lose_a_lock)

    @precondition(lambda self: self._world.processes < _MOST_PROCESSES)
    @rule(skew=st.sampled_from((0, -100, 100)))
    def another_host_starts(self, skew: int) -> None:
        self._do(lambda: self._world.start_another(timedelta(seconds=skew)))

    @invariant()
    def nothing_is_broken(self) -> None:
        self._do(self._world.invariants.step)
        self._hold()

    def teardown(self) -> None:
        self._calm = True
        try:
            if hasattr(self, "_world"):
                self._runner.run(self._world.until_quiet())
                self._hold()
        finally:
            self._runner.close()

    def _do[T](self, act: Callable[[], T]) -> T:
        """Do it while the loop runs, whose time the clocks show."""

        async def done() -> T:
            return act()

        return self._runner.run(done())

    def _retire(self, device: str, user: str, *, by_serial_number: bool) -> None:
        self._do(lambda: self._people.retire(device, user, by_serial_number=by_serial_number))

    def _letter(self, which: int) -> Letter:
        return self._people.letters[which % len(self._people.letters)]

    def _hold(self) -> None:
        broken = self._world.invariants.ledger.broken
        assert not broken, broken[0]

    def _fault(self, number: int, name: str) -> Fault | None:
        kind = None if self._calm else self._kinds.pop(name, None)
        return None if kind is None else Fault(number, *kind)
