"""What is played: a tenant, messages to it, and how they are to end."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from shared import ports
from shared.domain.identifiers import EntraDeviceId, ManagedDeviceId, UserObjectId, UserPrincipalName
from shared.graph.exchanging import FEWEST
from tests import builders
from tests.proof import openings, scenario
from tests.proof.faults import Fault
from tests.proof.guards import KIOSK, PROTECTED, Limits
from tests.proof.played import Played
from tests.proof.process import HONEST, Plant
from tests.proof.scenario import Scenario

_OTHER: Final = builders.device("d9", builders.SUCCESSOR)
_ONE: Final = (builders.device("d1"), _OTHER)
_TWO: Final = (builders.device("d1"), builders.device("d2"))
_FIVE: Final = (*(builders.device(f"d{number}") for number in range(FEWEST)), _OTHER)
_THREE: Final = (*_TWO, builders.device("d3"))
_ALL_THREE: Final = frozenset({"d1", "d2", "d3"})
_ROOM: Final = builders.device("d1", resource_name="room-1", managed_device_id=ManagedDeviceId(openings.MANAGED))
_ENTRA: Final = builders.device("d1", entra_device_id=EntraDeviceId(openings.ENTRA))
_KNOWN: Final = ports.User(
    user_object_id=UserObjectId(builders.LEAVER_ID), user_principal_name=UserPrincipalName(builders.LEAVER)
)

_BATCHED: Final = ("graph", "quota", "schedule", "journal.conclude", "publish", "settle")
"""All but what is done for each device by itself, and what comes before the batch."""
_NOT_SHARED: Final = ("graph", "journal", "schedule", "publish", "settle")
"""All but the token and the shared records, which are the same for everybody."""
_REFUSED: Final = ("graph.unassign", "journal.append", "schedule", "journal.conclude", "publish", "settle")
"""From the first POST on: how it comes to that is the same as without a refusal."""
_NOWHERE: Final[tuple[str, ...]] = ()

SCENARIOS: Final[Mapping[str, Scenario]] = {
    "leaver": Scenario(devices=_ONE, send=openings.offboard, outcome="unassigned"),
    "five-devices": Scenario(  # which go as one batch
        devices=_FIVE, send=openings.offboard, outcome="unassigned", page_size=FEWEST, pairs_at=_BATCHED
    ),
    "slow-graph": Scenario(
        devices=_ONE,
        send=openings.offboard,
        outcome="unassigned",
        processes=2,
        lag=timedelta(minutes=12),
        most_posts=2,
        pairs_at=_NOT_SHARED,
    ),
    "retired": Scenario(devices=_ONE, send=openings.retire, outcome="unassigned", processes=2, pairs_at=_NOT_SHARED),
    "nobody-later": Scenario(
        devices=(_OTHER,), send=openings.offboard_later, outcome="noDevices", processes=2, pairs_at=_NOT_SHARED
    ),
    "refused": Scenario(
        devices=(builders.device("d1", PROTECTED),),
        send=openings.offboard_somebody_protected,
        outcome="failed",
        reason="ProtectedUser",
        untouched=frozenset({"d1"}),
    ),
    "as-if-released": Scenario(
        devices=(builders.device("d1", PROTECTED),),
        send=openings.offboard_somebody_as_if_released,
        outcome="failed",
        reason="ProtectedUser",
        untouched=frozenset({"d1"}),
        pairs_at=_NOWHERE,
    ),
    "released": Scenario(
        devices=(builders.device("d1", PROTECTED),),
        send=openings.offboard_somebody_released,
        outcome="unassigned",
        leaver=PROTECTED,
        pairs_at=_NOWHERE,
    ),
    "retired-protected": Scenario(
        devices=(builders.device("d1", PROTECTED),),
        send=openings.retire_of_somebody_protected,
        outcome="failed",
        reason="ProtectedUser",
        untouched=frozenset({"d1"}),
        pairs_at=_NOWHERE,
    ),
    "a-kiosk": Scenario(
        devices=(builders.device("d1", group_tag=KIOSK),),
        send=openings.retire,
        outcome="failed",
        reason="ProtectedDevice",
        untouched=frozenset({"d1"}),
        pairs_at=_NOWHERE,
    ),
    "too-many-devices": Scenario(
        devices=_THREE,
        send=openings.offboard,
        outcome="failed",
        reason="TooManyDevices",
        untouched=_ALL_THREE,
        limits=Limits(devices_per_user=2),
        pairs_at=_NOWHERE,
    ),
    "too-many-in-an-hour": Scenario(
        devices=_THREE,
        send=openings.offboard,
        outcome="failed",
        reason="BlastRadiusExceeded",
        untouched=_ALL_THREE,
        limits=Limits(devices_per_hour=2),
        pairs_at=_NOWHERE,
    ),
    "one-rejected": Scenario(
        devices=_TWO,
        send=openings.offboard,
        outcome="failed",
        reason="GraphRequestRejected",
        untouched=frozenset({"d2"}),
        refuses={"d2": 400},
        pairs_at=_REFUSED,
    ),
    "one-forbidden": Scenario(
        devices=_TWO,
        send=openings.offboard,
        outcome="failed",
        reason="GraphPermissionDenied",
        untouched=frozenset({"d2"}),
        refuses={"d2": 403},
        pairs_at=_NOWHERE,
    ),
    "one-more-later": Scenario(
        devices=_ONE, send=openings.offboard, happens=openings.register_another, outcome="unassigned", pairs_at=_NOWHERE
    ),
    "undone": Scenario(
        devices=_ONE, send=openings.offboard, happens=openings.undo, outcome="unassigned", pairs_at=_REFUSED
    ),
    "dry-run": Scenario(
        devices=_ONE,
        send=openings.offboard_dry,
        outcome="wouldUnassign",
        untouched=frozenset({"d1"}),
        pairs_at=_NOWHERE,
    ),
    "by-id": Scenario(
        devices=_ONE, send=openings.offboard_by_id, outcome="unassigned", users=(_KNOWN,), pairs_at=_NOWHERE
    ),
    "retired-in-entra": Scenario(
        devices=(_ENTRA, _OTHER), send=openings.retire_in_entra, outcome="unassigned", pairs_at=_NOWHERE
    ),
    "retired-room": Scenario(
        devices=(_ROOM, _OTHER), send=openings.retire_a_room, outcome="unassigned", most_posts=2, pairs_at=_NOWHERE
    ),
}


def play(name: str, faults: Sequence[Fault] = (), plant: Plant = HONEST) -> Played:
    """Play one scenario with these faults."""
    return scenario.play(SCENARIOS[name], faults, plant)
