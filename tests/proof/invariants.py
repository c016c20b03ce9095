"""What must hold after every step, whatever goes wrong: no message lost, nobody else's device touched, no request repeated blindly.

Looks at the queues, the tenant and the ledger; knows nothing of how the service works inside. Whether reports are true, and dead
letters called for, is judged beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from emulators.servicebus.message import Message
from shared.domain.history import Entry, Step
from shared.unassigning import FRESH_FOR
from tests import builders
from tests.proof import dead_letters
from tests.proof.bus import Bus
from tests.proof.ends import OF_A_RUN, OF_ITS_LOOKS, Ends
from tests.proof.guards import Guards, Limits
from tests.proof.ledger import DELIVERY, Delivery, Ledger, Post
from tests.proof.reports import Reports
from tests.proof.sent import Key, Sent
from tests.proof.tenant import Tenant

VERIFY_AFTER: Final = timedelta(minutes=10)
_LOCK_LASTS: Final = timedelta(minutes=5)
_MOST_COPIES: Final = 400
"""More than any spell of bad weather costs."""


@dataclass(slots=True, kw_only=True)
class Invariants:
    """Notes in the ledger what does not hold. `skew` is how far the processes' clocks may be apart, `ahead` how far one is fast."""

    tenant: Tenant
    bus: Bus
    limits: Limits
    kiosks: frozenset[str] = frozenset()
    skew: timedelta = timedelta(0)
    ahead: timedelta = timedelta(0)
    ledger: Ledger = field(default_factory=Ledger)
    awaited: list[Sent] = field(default_factory=list)
    ends: Ends = field(init=False)
    _reports: Reports = field(init=False)
    _guards: Guards = field(init=False)

    def __post_init__(self) -> None:
        self.ends = Ends(self.bus, self.ledger)
        self._reports = Reports(self.tenant, self.ledger, self.awaited)
        self._guards = Guards(self.tenant, self.ledger, self.limits, self.kiosks)

    def sent(self, post: Post) -> None:
        """A POST is about to be sent: a read by id in the same delivery, a moment ago, showed whom it is to unassign."""
        read_at, user = post.delivery.reads.get(post.device, (None, None))
        fresh = read_at is not None and post.sent_at is not None and post.sent_at - read_at <= FRESH_FOR
        self.ledger.find(f"fresh read: the POST on {post.device} follows a read by id that is at most 5 s old", fresh)
        about = {name for each in self._asking(post) for name in each.about}
        named = user in about or post.action != _USER
        self.ledger.find(f"own device: the read before the POST on {post.device} named whom the event is about", named)
        early = any(self._early(each, post.sent_at) for each in self._asking(post))
        self.ledger.find(f"not early: the POST on {post.device} waits for effectiveAt", not early)
        self._guards.sent(post, user)

    def recorded(self, entry: Entry) -> None:
        """The journal took an entry of an event."""
        self.ledger.recorded(entry, self.tenant.now())
        if entry.step is Step.INTENT:
            about = entry.event_id, entry.device.autopilot_device_id, entry.action.value
            self._guards.intended(DELIVERY.get(), about, self.tenant.now())

    def accepted(self, post: Post) -> None:
        """A POST takes effect."""
        asking = self._asking(post)
        read_at, read = post.delivery.reads.get(post.device, (None, None))
        if post.user is not None and post.action == _USER:
            own = any(post.user in each.about for each in asking)
            raced = read_at is not None and post.user != read  # given to somebody else while the POST was on its way
            self.ledger.find(f"own device: the POST on {post.device} met only whom the event is about", own or raced)
        self.ledger.find(f"own device: the event of the POST on {post.device} is about it", bool(asking))
        for earlier in self.ledger.posts:
            if earlier is not post and self._known(earlier, post):
                self.ledger.find(
                    f"no blind repeat: the accepted POST on {post.device} was repeated within 10 min", False
                )

    def abandoning(self) -> None:
        """A delivery is about to be given back. Nothing here throws what is nobody's error, so none ever is."""
        self.ledger.find("no burnt delivery: what waiting may mend is a copy, never given back", False)

    def over(self, delivery: Delivery, *, unsettled: bool) -> None:
        """A delivery was handled to its end: it is settled, unless Service Bus would not."""
        took = self.tenant.now() - delivery.begun_at
        delivery.ended_at = self.tenant.now()
        claim = f"no burnt delivery: {delivery.message_id} is settled, or its copy or settlement failed"
        self.ledger.find(claim, not unsettled or delivery.hindered)
        in_time = took < _LOCK_LASTS or delivery.life.held
        self.ledger.find(f"no burnt delivery: {delivery.message_id} is handled within its lock", in_time)

    def concluded(self, document: str) -> None:
        """The journal took an outcome."""
        self.ends.decided(document, DELIVERY.get(), self.tenant.now())

    def step(self) -> None:
        """Something took effect."""
        for key, kind, end in self.ends.read():
            self._reports.judge(key, kind, end)
            if kind in OF_ITS_LOOKS and "failed" in self.ends.of[key]:
                self._reports.only_changed(key, kind, end)
            early = any(self._early(each, end.at) for each in self.awaited if each.key == key)
            self.ledger.find(f"not early: {kind} of {key} waits for effectiveAt", not early)
        self._nothing_is_lost()

    def done(self) -> None:
        """Nothing happens any more: everything has ended, once, and as it was said."""
        for sent in self.awaited:
            self.ledger.find(f"ends: {sent.message_id} is reported once", len(self.ends.kinds(sent, OF_A_RUN)) == 1)
        for key, ends in self.ends.of.items():
            looked = [kind for kind in OF_ITS_LOOKS if kind in ends]
            due = 1 if self._calls_for_a_look(key) else len(looked)
            self.ledger.find(f"ends: {key} is verified once", len(looked) == due and due < 2)
            self._reports.complete(key, ends)
        self._reports.nobody_is_left(self.ends)
        dead_letters.judge(self.bus, self.ends, self.awaited, self.ledger, self._guards.may_refuse)

    def _nothing_is_lost(self) -> None:
        waiting, looks_waiting = self._among(self.bus.waiting())
        dead, looks_dead = self._among(self.bus.dead())
        kept, looks = waiting | dead, looks_waiting | looks_dead
        for sent in self.awaited:
            if sent.message_id not in kept and not self.ends.kinds(sent, OF_A_RUN):
                self.ledger.find(f"no loss: {sent.message_id} is waiting, dead-lettered or reported", False)
        for key, ends in self.ends.of.items():
            if any(each.key == key and each.message_id in waiting for each in self.awaited):
                continue  # whoever has it in hand schedules the look, or whoever gets it next
            if key not in looks and not any(kind in ends for kind in OF_ITS_LOOKS) and self._calls_for_a_look(key):
                self.ledger.find(f"no loss: the look at {key} is waiting, dead-lettered or reported", False)

    def _among(self, messages: Iterable[tuple[str, Message]]) -> tuple[set[str], set[Key]]:
        """The ids under which they were sent first, and the runs that the looks among them are about."""
        ids, looks = set[str](), set[Key]()
        for queue, message in messages:
            properties = message.content.application_properties
            if queue == builders.VERIFICATION:
                looks.add(dead_letters.looked_at(message))
            else:
                if int(properties.get("copy", 0)) >= _MOST_COPIES:
                    self.ledger.find(f"ends: {message.content.message_id} is put off for ever", False)
                ids.add(str(properties.get("originalMessageId", message.content.message_id)))
        return ids, looks

    def _calls_for_a_look(self, key: Key) -> bool:
        """Every live run that was completed does, and one that was dead-lettered after it had changed something."""
        ends = self.ends.of[key]
        if key[3]:
            return False
        return "completed" in ends or ("failed" in ends and self._reports.changed_by(key, ends["failed"].at))

    def _asking(self, post: Post) -> list[Sent]:
        """The messages that ask for it."""
        return [each for each in self.awaited if each.event == post.delivery.event and each.concerns(post.device)]

    def _early(self, sent: Sent, at: datetime | None) -> bool:
        """Whether it is too early for it, by whichever clock is ahead."""
        return sent.effective_at is not None and at is not None and at + self.ahead < sent.effective_at

    def _known(self, earlier: Post, post: Post) -> bool:
        """Whether the delivery that posts began when it was known that the earlier POST of its event was accepted."""
        if earlier.accepted_at is None or post.sent_at is None or not _alike(earlier, post):
            return False
        begun, same_life = post.delivery.begun_at, earlier.delivery.life is post.delivery.life
        told = earlier.answered_at is not None and earlier.answered_at <= begun and same_life
        recorded = earlier.recorded_at is not None and earlier.recorded_at <= begun
        young = post.sent_at - earlier.accepted_at < VERIFY_AFTER - self.skew
        restored_at = self.tenant.restored_at.get(post.device)
        undone = restored_at is not None and earlier.accepted_at <= restored_at
        return (told or recorded) and young and not undone


_USER: Final = "unassignUser"


def _alike(one: Post, other: Post) -> bool:
    about = (one.device, one.action, one.delivery.event)
    return about == (other.device, other.action, other.delivery.event)
