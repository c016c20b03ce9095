"""A queue with dead letters, in memory, and a process that may be killed at any of its calls to the outside."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from shared import ports
from shared.domain.acts import Act
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.incoming import IncomingMessage
from shared.messaging.replays import Replay
from tests import builders
from tests.fakes_journal import InMemoryJournal


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@dataclass(slots=True)
class Steps:
    """Counts the calls to the outside; the one numbered `die_at` is the last, and takes effect only if `after`."""

    die_at: int = 0
    after: bool = False
    taken: int = 0

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        self.taken += 1
        dying = self.taken == self.die_at
        if dying and not self.after:
            raise Killed
        yield
        if dying:
            raise Killed


class Broker:
    """What outlives a process: dead letters and their locks, the messages of the queue, the ids that it has seen."""

    def __init__(self, *letters: DeadLettered) -> None:
        self.dead = {letter.sequence_number: letter for letter in letters}
        self.locks: dict[str, int] = {}
        self.sent: list[Replay] = []
        self.released: list[int] = []
        self.remembers_ids = True

    def expire_locks(self) -> None:
        self.locks.clear()

    @property
    def free(self) -> list[DeadLettered]:
        return [letter for number, letter in sorted(self.dead.items()) if number not in self.locks.values()]


class FakeDeadLetterQueue:
    """One process' view of it; implements what rounds and replays need. `refuses` is raised by the next sends."""

    def __init__(self, broker: Broker, steps: Steps | None = None, *, batch: int = 2) -> None:
        self.broker = broker
        self.refuses: list[Exception] = []
        self._steps = steps or Steps()
        self._batch = batch

    async def receive(self) -> Sequence[DeadLettered]:
        taken = []
        for letter in self.broker.free[: self._batch]:
            token = str(uuid.uuid4())
            self.broker.locks[token] = letter.sequence_number
            taken.append(replace(letter, message=replace(letter.message, lock_token=token)))
        return taken

    async def release(self, dead_letters: Sequence[DeadLettered]) -> None:
        for letter in dead_letters:
            self.broker.locks.pop(letter.message.lock_token, None)
            self.broker.released.append(letter.sequence_number)

    async def send(self, replay: Replay) -> None:
        async with self._steps.step():
            if self.refuses:
                raise self.refuses.pop()
            known = {each.message_id for each in self.broker.sent}
            if not (self.broker.remembers_ids and replay.message_id in known):
                self.broker.sent.append(replay)

    async def complete(self, dead_letter: DeadLettered) -> None:
        async with self._steps.step():
            number = self.broker.locks.pop(dead_letter.message.lock_token, None)
            if number is None:
                raise ports.SettlementFailed("queue q: the lock is lost", lock_lost=True)
            del self.broker.dead[number]


class MortalJournal(InMemoryJournal):
    """A journal in memory, whose writer may be killed; `steps` is the process'."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = Steps()

    async def note(self, act: Act) -> Act:
        async with self.steps.step():
            return await super().note(act)


def a_letter(number: int = 1, message: IncomingMessage | None = None, **fields: Any) -> DeadLettered:
    """A dead letter of the queue of leavers, which a guard refused."""
    message = message or builders.message(builders.offboarded_body(), message_id=f"m-{number}")
    return DeadLettered(
        **{
            "message": replace(message, lock_token=""),
            "sequence_number": number,
            "reason": "TooManyDevices",
            "description": "12 devices",
            **fields,
        }
    )
