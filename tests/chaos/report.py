"""What a run shows, as lines to print. Names nobody."""

from collections import Counter
from collections.abc import Iterator

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING
from emulators.graph.faults import UNASSIGN_USER
from emulators.servicebus.trace import Operation
from tests.chaos import oracle_of_devices as oracle
from tests.chaos.faults import Cut, Hurt
from tests.chaos.knowledge import ENDS, Knowledge
from tests.chaos.running import Ran
from tests.chaos.stories import NOBODY

_SHOWN = 20


def lines(ran: Ran) -> Iterator[str]:
    """The report: what went in, what came out, what went wrong on purpose, and what should not be."""
    known = Knowledge(ran.evidence)
    broken = Counter(each.claim for each in ran.violations)
    yield from (f"{name:24} {value}" for name, value in _figures(ran, known))
    yield f"{'devices wrongly touched':24} {broken['wrongly touched']}"
    yield f"{'duplicates in effect':24} {broken['doubled effect']}"
    yield f"{'lost':24} {broken['lost']}"
    if ran.out_of_time:
        yield f"not everything had ended after {ran.asked.patience}"
    yield f"violations               {len(ran.violations)}"
    yield from (f"  {each}" for each in ran.violations[:_SHOWN])


def _figures(ran: Ran, known: Knowledge) -> Iterator[tuple[str, str]]:
    found = ran.evidence
    dropped = sum(each.operation is Operation.DUPLICATE and each.entity in _IN for each in found.trace)
    yield (
        "messages in",
        f"{len(found.sendings)}, of {len(known.stories)} events; duplicates dropped by the queues: {dropped}",
    )
    yield "kinds of events", _counted(Counter(str(story.kind) for story in known.stories.values()))
    settled = Counter(each.operation.value for each in found.trace if each.operation in ENDS and each.fault is None)
    expired = sum(each.operation is Operation.LOCK_EXPIRED for each in found.trace)
    delivered = sum(each.operation is Operation.DELIVER and each.fault is None for each in found.trace)
    yield "settled", f"{_counted(settled)}; {delivered} deliveries, {expired} locks ran out"
    yield "dead letters", _counted(Counter(each.reason for each in found.dead))
    ends = Counter(end.data["outcome"] for story in known.stories.values() for end in known.end(story))
    yield "events ended", _counted(ends)
    sent = Counter(each.message_id for each in found.published)
    yield "outcomes", f"{len(sent)}, published {sum(sent.values())} times"
    cleared = [each for each in found.changes if each.user == NOBODY and not each.by_administrator]
    yield "devices cleared", f"{len({each.device for each in cleared})}, in {len(cleared)} changes"
    calls = [each for each in found.calls if each.method == "POST" and UNASSIGN_USER in each.path]
    answered = Counter("none" if each.status is None else str(each.status) for each in calls)
    yield "POSTs", f"{len(calls)}, answered {_counted(answered)}"
    yield (
        "  that met somebody",
        f"{len(found.posts)}, of them again, on the same user: {_repeated(known)}; two hosts at once: {_at_once(known)}",
    )
    faults = Counter({str(what): times for what, times in ran.happened.items()})
    yield "hosts", _counted(Counter({str(what): faults[what] for what in Hurt}))
    yield "  drained after SIGTERM", _counted(Counter({f"exit {code}": times for code, times in ran.drained.items()}))
    yield "cut off", f"{sum(faults[what] for what in Cut)}: " + _counted(Counter({what: faults[what] for what in Cut}))


def _repeated(known: Knowledge) -> int:
    """POSTs on a record that still named whom an earlier one was accepted for; where that was on record, it is a violation."""
    return sum(len(posts) - len({post.user for post in posts}) for posts in known.posts.values())


def _at_once(known: Knowledge) -> int:
    """Intents to post that came after an acceptance on record, of a delivery that was under way by then."""
    return sum(1 for _ in oracle.repeats(known)) - sum(1 for _ in oracle.blindly_repeated(known))


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common() if number) or "none"


_IN = (USER_OFFBOARDING, DEVICE_RETIREMENT)
