"""The load: which messages are sent, about which tenant, and what an administrator does meanwhile; all from one seed."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Final

from emulators.graph.tenant import Device
from tests.chaos import casting
from tests.chaos.stories import Kind, Story
from tests.e2e import people
from tests.e2e.people import PRIVATE

_SHARES: Final = {
    Kind.LEAVER: 30,
    Kind.FORMER_NAME: 4,
    Kind.RETIRED: 18,
    Kind.AHEAD: 5,
    Kind.GIVEN_AWAY: 4,
    Kind.GIVEN_ON: 4,
    Kind.REHIRED: 3,
    Kind.SOMEBODY_ELSES: 9,
    Kind.DRY_RUN: 10,
    Kind.PROTECTED: 5,
    Kind.MALFORMED: 8,
}
_SENT_AGAIN: Final = 0.2
_BYSTANDERS: Final = 50


class Moment(Enum):
    """When the administrator gives a device to somebody."""

    WHILE_IT_WAITS = "while the event waits"
    ONCE_CLEAR = "once the record is clear"
    ONCE_VERIFIED = "once it is verified"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that is sent; one of a story that was `held` is sent once the administrator is done with its device."""

    message_id: str
    story: Story
    held: bool = False


@dataclass(frozen=True, slots=True)
class Handover:
    """An administrator gives the device of a story to somebody."""

    story: Story
    device: str
    to: str
    moment: Moment


@dataclass(frozen=True, slots=True)
class Load:
    """Everything that is sent, in this order, the devices that there are, and what becomes of some of them."""

    sendings: Sequence[Sending]
    devices: Sequence[Device]
    handovers: Sequence[Handover]

    @property
    def stories(self) -> list[Story]:
        """Each story once."""
        return list({sending.story.event_id: sending.story for sending in self.sendings}.values())


def plan(messages: int, chance: random.Random, *, ahead: timedelta) -> Load:
    """A load of so many messages, each kind at least once if there is room. `ahead` is the latest `effectiveAt`."""
    kinds = [*Kind, *chance.choices(list(_SHARES), weights=list(_SHARES.values()), k=messages)]
    sendings: list[Sending] = []
    devices = [device for number in range(_BYSTANDERS) for device in people.devices(people.person(number, 4))]
    handovers: list[Handover] = []
    for number, kind in enumerate(kinds):
        story, records = casting.story(number, kind, chance, ahead=ahead)
        mine = _sendings(story, chance)
        if len(sendings) + len(mine) > messages:  # a shorter story may fit yet
            continue
        sendings += mine
        devices += records
        handovers += _handovers(story)
    chance.shuffle(sendings)
    return Load(_originals_first(sendings), devices, handovers)


def _originals_first(sendings: Sequence[Sending]) -> list[Sending]:
    """An event's own message id is sent before any other of its, wherever chance put them."""
    left = defaultdict[str, list[Sending]](list)
    for each in sorted(sendings, key=lambda each: each.message_id, reverse=True):
        left[each.story.event_id].append(each)
    return [left[each.story.event_id].pop() for each in sendings]


def _sendings(story: Story, chance: random.Random) -> list[Sending]:
    sent = [Sending(story.event_id, story)]
    if story.kind is not Kind.MALFORMED and chance.random() < _SENT_AGAIN:  # by its message id, or under another one
        sent.append(Sending(chance.choice([story.event_id, f"{story.event_id}-again"]), story))
    if story.kind in (Kind.REHIRED, Kind.GIVEN_ON):
        sent.append(Sending(f"{story.event_id}-held", story, held=True))
    return sent


def _handovers(story: Story) -> Iterator[Handover]:
    successor = f"successor.{story.event_id}@{PRIVATE}.example"
    match story.kind:
        case Kind.GIVEN_AWAY:
            yield Handover(story, story.devices[0], successor, Moment.WHILE_IT_WAITS)
        case Kind.GIVEN_ON:
            yield Handover(story, story.devices[0], successor, Moment.ONCE_CLEAR)
        case Kind.REHIRED:
            yield Handover(story, story.devices[0], min(story.about), Moment.ONCE_VERIFIED)
        case _:
            return
