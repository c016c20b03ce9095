"""What must hold after a run, whatever went wrong in it. Pure: from evidence to what it contradicts.

lost            a message was sent, and its event was never reported, nor is the message in a dead-letter queue or waiting
wrongly touched a POST was accepted on a record that named somebody whom no event was about that acts
doubled         the record of a device was cleared more than once for one event
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cli.parts import VERIFICATION
from shared.domain.history import Step
from tests.chaos import oracle_of_reports as reports
from tests.chaos.evidence import Evidence
from tests.chaos.knowledge import ENDS, Knowledge
from tests.chaos.stories import NOBODY, REFUSED, Story
from tests.chaos.tenant import Post

_WORDS_OF_A_BUG: Final = (
    "settlement=Abandon",
    "listener.defect",
    " where=",
    "was never retrieved",
    "was never awaited",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that does not hold: which claim, and what contradicts it. Names nobody."""

    claim: str
    what: str

    def __str__(self) -> str:
        return f"{self.claim}: {self.what}"


def violations(evidence: Evidence) -> list[Violation]:
    """Everything that does not hold."""
    known = Knowledge(evidence)
    return [Violation(claim, what) for claim, holds in CLAIMS.items() for what in holds(known)]


def lost(known: Knowledge) -> Iterator[str]:
    dead = {each.message_id.partition(":")[0] for each in known.evidence.dead}
    waiting = {message_id.partition(":")[0] for _, message_id in known.evidence.waiting}
    for sending in known.evidence.sendings:
        message_id = sending.message_id
        if not known.end(sending.story) and message_id not in dead and message_id not in waiting:
            yield f"{message_id} ({sending.story.kind}) was never reported"
    for queue, message_id in known.arrived():
        if not known.ends[queue, message_id] and (queue, message_id) not in known.evidence.waiting:
            yield f"{message_id} vanished from {queue}"


def unended(known: Knowledge) -> Iterator[str]:
    for queue, message_id in known.evidence.waiting:
        yield f"{message_id} waits in {queue}"


def settled_too_soon(known: Knowledge) -> Iterator[str]:
    """Before the next thing was durable."""
    by_the_broker = {(each.queue, each.message_id) for each in known.evidence.dead if each.reason in _BROKERS}
    for (operation, queue, message_id), place in known.first.items():
        ours = operation in ENDS and (queue, message_id) in known.ends and (queue, message_id) not in by_the_broker
        if ours and not known.durable_before(queue, message_id, place):
            yield f"{message_id} of {queue} was settled before its copy or its outcome was sent"


def settled_twice(known: Knowledge) -> Iterator[str]:
    for (queue, message_id), times in known.ends.items():
        if times > 1:
            yield f"{message_id} of {queue} was settled {times} times"


def wrongly_touched(known: Knowledge) -> Iterator[str]:
    for post in known.evidence.posts:
        if not any(_may(story, post, known) for story in _about(post, known)):
            yield f"a POST on {post.device} at {post.at:%H:%M:%S.%f} met somebody whom no event was about then"


def _about(post: Post, known: Knowledge) -> list[Story]:
    return [story for story in known.stories.values() if post.device in story.devices]


def _may(story: Story, post: Post, known: Knowledge) -> bool:
    """Whether an event allows a POST: it acts, names the device and its user, has been sent, and has taken effect."""
    tried = [at for id_, at in known.evidence.tried_at.items() if id_.startswith(story.event_id)]
    effective = story.not_before(known.evidence.begun)
    in_time = bool(tried) and min(tried) <= post.at and (effective is None or effective <= post.at)
    return story.acts and in_time and post.user.casefold() in story.about


def doubled(known: Knowledge) -> Iterator[str]:
    for story in known.stories.values():
        for device in story.devices:
            cleared = [
                each
                for each in known.changes[device]
                if each.user == NOBODY and not each.by_administrator and each.before.casefold() in story.about
            ]
            if len(cleared) > 1:
                yield f"{device} was cleared {len(cleared)} times for {story.event_id} ({story.kind})"


def blindly_repeated(known: Knowledge) -> Iterator[str]:
    """A delivery that began when it was on record that Graph had accepted a POST posts again a moment later.

    One that was under way already when that was written cannot know: two messages of an event may meet in two hosts.
    """
    for story, device, accepted, again in repeats(known):
        if not any(each.spans(accepted, again) for each in known.deliveries[story.event_id]):
            yield f"{device} was posted to again for {story.event_id} within VERIFY_AFTER"


def repeats(known: Knowledge) -> Iterator[tuple[Story, str, datetime, datetime]]:
    """Every intent to post to a device that came within VERIFY_AFTER of an acceptance on record: both moments."""
    for story in known.stories.values():
        for device in story.devices:
            accepted = None
            for entry in known.entries(story, device):
                again = entry.step is Step.INTENT and accepted is not None
                if again and accepted is not None and entry.at - accepted < known.evidence.verify_after:
                    yield story, device, accepted, entry.at
                if entry.step is Step.ACCEPTED:
                    accepted = entry.at


def posted_without_intent(known: Knowledge) -> Iterator[str]:
    for post in known.evidence.posts:
        intents = [
            entry
            for story in _about(post, known)
            for entry in known.entries(story, post.device)
            if entry.step is Step.INTENT and entry.at <= post.at
        ]
        if not any((each.device.user_principal_name or "").casefold() == post.user.casefold() for each in intents):
            yield f"a POST on {post.device} has no intent on record that names whom it met"


def not_as_it_should_be(known: Knowledge) -> Iterator[str]:
    """The devices of an event that acts are clear, or name whom the administrator gave them to; all others are as before."""
    expected = dict(known.evidence.before)
    for story in known.stories.values():
        if story.acts:
            expected |= dict.fromkeys(story.devices, NOBODY)
    expected |= {each.device: each.user for each in known.evidence.changes if each.by_administrator}
    for device, user in expected.items():
        if known.evidence.after[device] != user:
            found, wanted = ("somebody" if name else "nobody" for name in (known.evidence.after[device], user))
            yield f"{device} names {found}, and should name {wanted}"


def unexplained(known: Knowledge) -> Iterator[str]:
    for each in known.evidence.dead:
        message_id = each.message_id.partition(":")[0]
        story = None if each.queue == VERIFICATION else known.stories.get(message_id.removesuffix("-again"))
        if story is None or REFUSED.get(story.kind) != each.reason or not each.description:
            yield f"{each.message_id} of {each.queue} is dead-lettered {each.reason}: {each.description}"
    dead = {each.message_id.partition(":")[0].removesuffix("-again") for each in known.evidence.dead}
    for story in known.stories.values():
        if story.kind in REFUSED and story.event_id not in dead:
            yield f"{story.event_id} ({story.kind}) is not dead-lettered"


def buggy(known: Knowledge) -> Iterator[str]:
    """The log tells of an error that nobody expects, or a host ended by itself."""
    for code in known.evidence.died:
        yield f"a host ended by itself, with {code}"
    if known.evidence.log is None:
        return
    with known.evidence.log.open(errors="replace") as lines:
        for line in lines:
            if any(word in line for word in _WORDS_OF_A_BUG):
                yield line.strip()


_BROKERS: Final = ("MaxDeliveryCountExceeded", "TTLExpiredException")

type Claim = Callable[[Knowledge], Iterator[str]]

CLAIMS: Final[dict[str, Claim]] = {
    "lost": lost,
    "not ended": unended,
    "settled too soon": settled_too_soon,
    "settled twice": settled_twice,
    "wrongly touched": wrongly_touched,
    "doubled effect": doubled,
    "blindly repeated": blindly_repeated,
    "posted without intent": posted_without_intent,
    "not as it should be": not_as_it_should_be,
    "unexplained dead letter": unexplained,
    "not one outcome": reports.not_one_outcome,
    "not verified once": reports.not_verified_once,
    "untrue report": reports.untrue,
    "bug": buggy,
}
"""Each claim by what its violation is called."""
