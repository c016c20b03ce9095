"""Those who send messages, and the operator who replays dead letters. Each message that must come to an end is awaited.

Knows what is sent and whom it is about; nothing of when, nor of who draws it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from emulators.servicebus.message import Message
from shared.messaging import incoming
from tests import builders
from tests.proof import bus, operators, replaying
from tests.proof.guards import PROTECTED
from tests.proof.sent import Sent
from tests.proof.world import World

LEAVERS: Final = ("ann@contoso.com", "bob@contoso.com", PROTECTED)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its sender made it."""

    queue: str
    sent: Sent
    body: bytes
    override: str | None = None


@dataclass(slots=True)
class People:
    """`letters` has all that may be sent again."""

    world: World
    letters: list[Letter] = field(default_factory=list)
    _number: int = 0

    def offboard(self, user: str, *, dry_run: bool = False, in_seconds: float | None = None) -> None:
        """Somebody left, or is to leave then."""
        event, at = self._next("left"), self._at(in_seconds)
        body = {"eventId": event, "user": {"userPrincipalName": user}, **_more(dry_run, at)}
        sent = Sent(
            message_id=self._next("message"),
            event_type="user.offboarded",
            event_id=event,
            run=0,
            about=frozenset({user}),
            effective_at=at,
            dry_run=dry_run,
        )
        self._send(Letter(builders.OFFBOARDING, sent, builders.as_bytes(body)))

    def retire(self, device: str, user: str, *, by_serial_number: bool, dry_run: bool = False) -> None:
        """A device of somebody's was retired."""
        event, number = self._next("retired"), f"{builders.SERIAL_NUMBER}-{device}"
        key = {"serialNumber": number} if by_serial_number else {"autopilotDeviceId": device}
        body = {"eventId": event, "device": key, "assignedUserPrincipalName": user, **_more(dry_run, None)}
        sent = Sent(
            message_id=self._next("message"),
            event_type="device.retired",
            event_id=event,
            run=0,
            about=frozenset({user}),
            devices=frozenset({device}),
            dry_run=dry_run,
        )
        self._send(Letter(builders.RETIREMENT, sent, builders.as_bytes(body)))

    def undo(self, letter: Letter) -> None:
        """An operator undoes what the event did, if it did anything."""
        operators.undo(self.world.outside, letter.sent.event, self._next("undo"))

    def send_garbage(self) -> None:
        """What is no event."""
        name = self._next("garbage")
        sent = Sent(name, "user.offboarded", name, 0, frozenset(), reasons=frozenset({"InvalidMessage"}))
        self._deliver(Letter(builders.OFFBOARDING, sent, b'{"user": 1}'))

    def send_twice(self, letter: Letter) -> None:
        """The very same message again."""
        self._hand_in(letter)

    def send_anew(self, letter: Letter) -> None:
        """The same event, in a message of its own."""
        self._send(self._anew(letter))

    def forge(self, letter: Letter, number: int) -> None:
        """The same event, by a sender who says that an operator released it: for another run, or not at all."""
        known = list(self.world.invariants.ledger.overrides)
        anew = replace(self._anew(letter), override=known[number % len(known)] if known else "made up")
        self._send(anew)

    def dead_letters(self) -> int:
        """How many there are to be replayed."""
        return len(self._dead())

    def replay(self, number: int, *, override: bool) -> None:
        """An operator replays one dead letter, and may release the guards, if the command lets them."""
        outside = self.world.outside
        queue, letter = self._dead()[number]
        dead = bus.dead_lettered(letter, queue)
        sent = next(each for each in self._awaited if each.message_id == dead.message.original_message_id)
        result = replaying.replay(outside, dead, lambda: outside.bus.remove_dead(queue, letter), override=override)
        if result.replay is None or result.replay_id is None:
            return  # it is refused
        again = replace(sent, message_id=result.replay_id, run=result.replay, released=override)
        if again not in self._awaited:
            self._awaited.append(again)

    @property
    def _awaited(self) -> list[Sent]:
        return self.world.invariants.awaited

    def _dead(self) -> list[tuple[str, Message]]:
        return [(queue, letter) for queue, letter in self.world.bus.dead() if queue != builders.VERIFICATION]

    def _send(self, letter: Letter) -> None:
        self._deliver(letter)
        self.letters.append(letter)

    def _anew(self, letter: Letter) -> Letter:
        return replace(letter, sent=replace(letter.sent, message_id=self._next("again")))

    def _deliver(self, letter: Letter) -> None:
        self._hand_in(letter)
        self._awaited.append(letter.sent)

    def _hand_in(self, letter: Letter) -> None:
        properties = {} if letter.override is None else {incoming.OVERRIDE: letter.override}
        self.world.bus.send(letter.queue, letter.sent.message_id, letter.body, properties)

    def _at(self, in_seconds: float | None) -> datetime | None:
        return None if in_seconds is None else self.world.outside.clock.now() + timedelta(seconds=in_seconds)

    def _next(self, name: str) -> str:
        self._number += 1
        return f"{name}-{self._number}"


def _more(dry_run: bool, effective_at: datetime | None) -> dict[str, Any]:
    effective = {} if effective_at is None else {"effectiveAt": effective_at.isoformat()}
    return {**({"dryRun": True} if dry_run else {}), **effective}
