"""How scenarios begin: who sends what, and what others do meanwhile."""

from datetime import timedelta
from typing import Any, Final

from shared import ports
from shared.messaging import incoming
from shared.messaging.dead_lettered import DeadLettered
from tests import builders
from tests.proof import operators, replaying
from tests.proof.guards import PROTECTED
from tests.proof.sent import Sent
from tests.proof.world import World

MANAGED: Final = "5c1d6d8e-0b0e-4f7e-9d53-0a8f1f0f7a11"
ENTRA: Final = "7b9e0f4a-2c57-4c55-8d35-5a2f60c1de22"
_MESSAGE: Final = "message-1"
_ABOUT: Final = frozenset({builders.LEAVER})
_OF_THE_PROTECTED: Final = builders.offboarded_body(user={"userPrincipalName": PROTECTED})
_BEFORE_THE_LOOK: Final = 400.0
"""When others do something (seconds): after the run, if nothing holds it, and before its look."""


def offboard(world: World) -> None:
    """Somebody left."""
    _offboard(world, builders.offboarded_body())


def offboard_by_id(world: World) -> None:
    """Somebody left of whom the sender knows the object id alone."""
    _offboard(world, builders.offboarded_body(user={"id": builders.LEAVER_ID}))


def offboard_dry(world: World) -> None:
    """What would be done if somebody left."""
    _offboard(world, builders.offboarded_body(dryRun=True), dry_run=True)


def offboard_later(world: World) -> None:
    """Somebody is leaving: the message is put off."""
    at = world.outside.clock.now() + timedelta(minutes=10)
    _offboard(world, builders.offboarded_body(effectiveAt=at.isoformat()), effective_at=at)


def offboard_somebody_protected(world: World) -> None:
    """Somebody left whose devices are never touched."""
    _offboard(world, _OF_THE_PROTECTED, about=frozenset({PROTECTED}))


def offboard_somebody_released(world: World) -> None:
    """The same, replayed by an operator who released it."""
    message = builders.message(_OF_THE_PROTECTED, message_id=_MESSAGE, enqueued_at=world.outside.clock.now())
    refused = DeadLettered(message=message, sequence_number=1, reason="ProtectedUser", description="")
    replayed = replaying.replay(world.outside, refused, lambda: None, override=True)
    sent = Sent(str(replayed.replay_id), "user.offboarded", _MESSAGE, 1, frozenset({PROTECTED}), released=True)
    world.invariants.awaited.append(sent)


def offboard_somebody_as_if_released(world: World) -> None:
    """The same, by a sender who says that an operator released it."""
    _offboard(world, _OF_THE_PROTECTED, {incoming.OVERRIDE: "override-1"}, about=frozenset({PROTECTED}))


def retire(world: World) -> None:
    """A device was retired, named by its serial number."""
    _retire(world, {"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}})


def retire_of_somebody_protected(world: World) -> None:
    """A device was retired, named by its serial number, whoever has it: somebody whose devices are never touched."""
    _retire(world, {"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}}, about=frozenset({PROTECTED}))


def retire_in_entra(world: World) -> None:
    """A device was retired, named by its Entra id."""
    _retire(world, {"device": {"entraDeviceId": ENTRA}})


def retire_a_room(world: World) -> None:
    """A device with a resource account was retired, named by its id in Intune; others have counted devices in this hour."""
    world.outside.records["radius"] = ports.RecordState("{}", "1")
    actions = ["unassignUser", "unassignResourceAccount"]
    _retire(world, {"device": {"managedDeviceId": MANAGED}, "actions": actions}, actions=frozenset(actions))


def register_another(world: World) -> None:
    """A device of the leaver's appears in the list, too late for the run."""
    another = builders.device("d7")
    world.later(_BEFORE_THE_LOOK, lambda: world.tenant.register(another))


def undo(world: World) -> None:
    """An operator undoes the event before its look."""
    world.later(_BEFORE_THE_LOOK, lambda: operators.undo(world.outside, f"user.offboarded:{_MESSAGE}", "undo-1"))


def _offboard(
    world: World,
    body: dict[str, Any],
    properties: dict[str, Any] | None = None,
    *,
    about: frozenset[str] = _ABOUT,
    **more: Any,
) -> None:
    sent = Sent(_MESSAGE, "user.offboarded", _MESSAGE, 0, about, **more)
    _send(world, builders.OFFBOARDING, body, sent, properties)


def _retire(world: World, body: dict[str, Any], about: frozenset[str] = _ABOUT, **more: Any) -> None:
    devices = frozenset({"d1"})
    _send(world, builders.RETIREMENT, body, Sent(_MESSAGE, "device.retired", _MESSAGE, 0, about, devices, **more))


def _send(world: World, queue: str, body: dict[str, Any], sent: Sent, properties: dict[str, Any] | None = None) -> None:
    world.bus.send(queue, _MESSAGE, builders.as_bytes(body), properties)
    world.invariants.awaited.append(sent)
