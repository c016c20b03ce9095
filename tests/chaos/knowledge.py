"""The evidence, put so that claims can ask it: by message, by event, by device. Judges nothing."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cli.parts import OUTCOMES, VERIFICATION
from emulators.servicebus.trace import Operation
from shared.domain.history import Entry
from tests.chaos.evidence import QUEUES, Evidence
from tests.chaos.stories import Story
from tests.chaos.tenant import Change, Post

ARRIVES: Final = (Operation.SEND, Operation.SCHEDULE)
ENDS: Final = (Operation.COMPLETE, Operation.DEAD_LETTER)
_REPLAY: Final = re.compile(r":r([0-9]+)$")
OVER: Final = (*ENDS, Operation.ABANDON, Operation.RELEASE, Operation.LOCK_EXPIRED)
"""What a delivery ends with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An outcome event: its kind is `completed`, `failed`, `verified` or `unverified`."""

    message_id: str
    kind: str
    data: dict[str, Any]

    @property
    def run(self) -> int:
        """Of which run: 0, or that of a replay."""
        return int(self.data["run"])

    @property
    def handled_at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.data["handledAt"])

    @property
    def lines(self) -> dict[str, dict[str, Any]]:
        """What it says of each device."""
        return {line["autopilotDeviceId"]: line for line in self.data["devices"]}


@dataclass(slots=True)
class Delivery:
    """From when to when a host had a message of an event, or a look at it; None: to the end."""

    begun: datetime
    over: datetime | None = None

    def spans(self, first: datetime, then: datetime) -> bool:
        """Whether it began before the one moment, and was not over at the other."""
        return self.begun <= first and (self.over is None or self.over >= then)


@dataclass(slots=True)
class Knowledge:
    """`first` has the place in the trace where something first happened to a message, `ends` how often each was settled."""

    evidence: Evidence
    stories: dict[str, Story] = field(init=False)
    reports: dict[str, list[Report]] = field(init=False)
    versions: dict[str, set[str]] = field(init=False)
    first: dict[tuple[Operation, str, str], int] = field(default_factory=dict)
    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    deliveries: dict[str, list[Delivery]] = field(default_factory=lambda: defaultdict(list))
    posts: dict[str, list[Post]] = field(default_factory=lambda: defaultdict(list))
    changes: dict[str, list[Change]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.stories = {story.event_id: story for story in self.evidence.stories}
        self.versions = defaultdict(set)
        self.reports = defaultdict(list)
        for each in self.evidence.published:
            if not self.versions[each.message_id]:
                document = json.loads(each.document)
                report = Report(
                    message_id=each.message_id, kind=document["type"].rpartition(".")[2], data=document["data"]
                )
                self.reports[document["subject"]].append(report)
            self.versions[each.message_id].add(each.document)
        self._read_trace()
        for post in self.evidence.posts:
            self.posts[post.device].append(post)
        for change in self.evidence.changes:
            self.changes[change.device].append(change)

    def _read_trace(self) -> None:
        under_way: dict[tuple[str, str], Delivery] = {}
        for place, entry in enumerate(self.evidence.trace):
            if entry.fault is not None or not isinstance(entry.message_id, str):
                continue
            about = entry.entity, entry.message_id
            self.first.setdefault((entry.operation, *about), place)
            if entry.entity not in QUEUES:
                continue
            if entry.operation is Operation.DELIVER:
                under_way[about] = Delivery(entry.time)
                self.deliveries[event_of(*about)].append(under_way[about])
            if entry.operation in OVER and about in under_way:
                under_way.pop(about).over = entry.time
            if entry.operation in ENDS:
                self.ends[about] += 1

    def end(self, story: Story) -> list[Report]:
        """The reports of how an event ended."""
        return [each for each in self.reports[story.event_id] if each.kind in ("completed", "failed")]

    def looks(self, story: Story) -> list[Report]:
        """The reports of its verification."""
        return [each for each in self.reports[story.event_id] if each.kind in ("verified", "unverified")]

    def arrived(self) -> dict[tuple[str, str], int]:
        """Every message that one of our queues took in, by queue and id, with its place in the trace."""
        return {
            (entity, message_id): place
            for (operation, entity, message_id), place in self.first.items()
            if operation in ARRIVES and entity in QUEUES
        }

    def durable_before(self, queue: str, message_id: str, place: int) -> bool:
        """Whether what follows a message was there before that place in the trace: a copy, the next look, or an outcome."""
        base, number = _number(message_id)
        following = [f"{base}:{number + 1}"]
        if queue == VERIFICATION:
            event, _, look = base.rpartition(":")
            following.append(f"{event}:{int(look) + 1}")
        places = [self.first.get((Operation.SCHEDULE, queue, each)) for each in following]
        kinds = ("verified", "unverified") if queue == VERIFICATION else ("completed", "failed")
        reports = self.reports[event_of(queue, message_id)]
        if queue != VERIFICATION and run_of(message_id):
            reports = [each for each in reports if each.run == run_of(message_id)]
        outcomes = [each.message_id for each in reports if each.kind in kinds]
        places += [self.first.get((Operation.SEND, OUTCOMES, each)) for each in outcomes]
        return any(each is not None and each < place for each in places)

    def named(self, device: str, until: datetime) -> list[str]:
        """Everybody whom the record has named up to a moment, in lower case and in order; "" is nobody."""
        later = [change.user for change in self.changes[device] if change.at <= until]
        return [name.casefold() for name in [self.evidence.before.get(device, ""), *later]]

    def entries(self, story: Story, device: str) -> Sequence[Entry]:
        """What the journal has about an event and a device."""
        found = self.evidence.entries.get(story.key, ())
        return [each for each in found if each.device.autopilot_device_id == device]


def event_of(queue: str, message_id: str) -> str:
    """The id of the event that a message, a copy or a look is about."""
    base, _ = _number(message_id)
    if queue == VERIFICATION:
        return base.split(":")[1]
    return _REPLAY.sub("", base).removesuffix("-again").removesuffix("-held")


def run_of(message_id: str) -> int:
    """Of which run of its event a message is, or its copies: 0 unless it is a replay."""
    replay = _REPLAY.search(_number(message_id)[0])
    return int(replay[1]) if replay else 0


def _number(message_id: str) -> tuple[str, int]:
    """The original's id and the number of the copy, 0 for the original: `m-1:2`, or `user.offboarded:m-1:0:verify:1:2`."""
    head, _, last = message_id.rpartition(":")
    is_copy = last.isdigit() and bool(head) and not head.endswith(":verify")
    return (head, int(last)) if is_copy else (message_id, 0)
