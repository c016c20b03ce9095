"""What must hold of the messages: none is lost, each is settled once and not too soon, and each dead letter is explained. Pure."""

from collections.abc import Iterator
from typing import Final

from cli.parts import VERIFICATION
from tests.chaos.knowledge import ENDS, Knowledge, event_of, run_of
from tests.chaos.stories import REFUSED
from tests.personal import personal

_BROKERS: Final = ("MaxDeliveryCountExceeded", "TTLExpiredException")
_WORDS_OF_A_BUG: Final = (
    "settlement=Abandon",
    "listener.defect",
    " where=",
    "was never retrieved",
    "was never awaited",
)


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


def replayed_without_end(known: Knowledge) -> Iterator[str]:
    """Each replay that arrived is reported as a run of its own."""
    for queue, message_id in known.arrived():
        run, story = run_of(message_id), known.stories.get(event_of(queue, message_id))
        if run and story is not None and run not in {each.run for each in known.end(story)}:
            yield f"{message_id} of {queue} has no outcome"


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


def personal_dead_letter(known: Knowledge) -> Iterator[str]:
    """A description names nobody, no machine, and quotes nothing."""
    for each in known.evidence.dead:
        for what in personal(each.description):
            yield f"the description of {each.message_id} in {each.queue} holds {what}"


def buggy(known: Knowledge) -> Iterator[str]:
    """The log tells of an error that nobody expects, or a host ended by itself, or not well when it was told to."""
    for code in known.evidence.died:
        yield f"a host ended by itself, with {code}"
    for code, times in known.evidence.drained.items():
        if code:
            yield f"a host that was told to stop ended with {code}, {times} times"
    if known.evidence.log is None:
        return
    with known.evidence.log.open(errors="replace") as lines:
        for line in lines:
            if any(word in line for word in _WORDS_OF_A_BUG):
                yield line.strip()
