"""What must hold after every step, whatever goes wrong: no message lost, nobody else's device touched, no request repeated blindly.

Looks at the queues, the tenant and the ledger; knows nothing of how the service works inside.
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from shared.domain.report import Detail
from shared.messaging.dead_letters import Reason
from shared.unassigning import FRESH_FOR
from tests import builders
from tests.proof.bus import Bus
from tests.proof.ledger import Ledger, Post
from tests.proof.tenant import Tenant

VERIFY_AFTER: Final = timedelta(minutes=10)
_LONGEST_TEXT: Final = 1024
_MOST_COPIES: Final = 400
"""More than any spell of bad weather costs."""
_REASONS: Final = {reason.value for reason in Reason} | {"MaxDeliveryCountExceeded"}
_ENDS: Final = ("completed", "failed")
_LAST_LOOKS: Final = ("verified", "unverified")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a sender or an operator sent, and the run that it asks for. `about` are the users it may unassign."""

    message_id: str
    event_type: str
    event_id: str
    run: int
    about: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Invariants:
    """Notes in the ledger what does not hold. `skew` is how far the processes' clocks may be apart."""

    tenant: Tenant
    bus: Bus
    skew: timedelta = timedelta(0)
    ledger: Ledger = field(default_factory=Ledger)
    awaited: list[Sent] = field(default_factory=list)
    ends: dict[tuple[str, str, int], dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    _read: int = 0

    def sent(self, post: Post) -> None:
        """A POST is about to be sent: a read by id in the same delivery, a moment ago, showed whom it is to unassign."""
        self.ledger.posts.append(post)
        read_at, user = post.delivery.reads.get(post.device, (None, None))
        fresh = read_at is not None and post.sent_at is not None and post.sent_at - read_at <= FRESH_FOR
        self.ledger.find(f"fresh read: the POST on {post.device} follows a read by id that is at most 5 s old", fresh)
        self.ledger.find(f"fresh read: the read of {post.device} named somebody", user is not None)

    def accepted(self, post: Post) -> None:
        """A POST takes effect."""
        read_at, read = post.delivery.reads.get(post.device, (None, None))
        if post.user is not None:
            own = post.user in self._about(post)
            raced = read_at is not None and post.user != read  # given to somebody else while the POST was on its way
            self.ledger.find(f"own device: the POST on {post.device} met only whom the event is about", own or raced)
            self.ledger.find(
                f"own device: the read before the POST on {post.device} named them", read in self._about(post)
            )
        for earlier in self.ledger.posts:
            if earlier is not post and self._known(earlier, post):
                self.ledger.find(
                    f"no blind repeat: the accepted POST on {post.device} was repeated within 10 min", False
                )

    def abandoning(self) -> None:
        """A delivery is about to be given back. Nothing here throws what is nobody's error, so none ever is."""
        self.ledger.find("no burnt delivery: what waiting may mend is a copy, never given back", False)

    def step(self) -> None:
        """Something took effect."""
        if self._read != len(self.bus.sent):
            self._read_what_was_published()
        self._nothing_is_lost()

    def done(self) -> None:
        """Nothing happens any more: everything has ended, once, and as it was said."""
        for sent in self.awaited:
            self.ledger.find(f"ends: {sent.message_id} is reported once", len(self._of(sent, _ENDS)) == 1)
        for key, ends in self.ends.items():
            looked = [kind for kind in _LAST_LOOKS if kind in ends]
            due = 1 if "completed" in ends else len(looked)
            self.ledger.find(f"ends: {key} is verified once", len(looked) == due and due < 2)
            for kind, data in ends.items():
                for line in data["devices"]:
                    self._said(key, kind, line)
            if "completed" in ends:
                named = {line["autopilotDeviceId"] for line in ends["completed"]["devices"]}
                missing = {post.device for post in self._accepted_by_runs(key)} - named
                self.ledger.find(f"true report: {key} names each device that it unassigned, not {missing}", not missing)
        self._nobody_is_left()
        for queue, message in self.bus.dead():
            reason, text = message.dead_letter_reason, message.dead_letter_description
            explained = reason in _REASONS and bool(text) and len(text or "") <= _LONGEST_TEXT
            self.ledger.find(f"explained: the dead letter {message.content.message_id} of {queue}", explained)

    def _nobody_is_left(self) -> None:
        """Whom an event verified as offboarded, no record names; only successors are given devices meanwhile."""
        for sent in self.awaited:
            if sent.event_type == "user.offboarded" and self._of(sent, ("verified",)):
                left = [device for device in self.tenant.devices if self.tenant.user_of(device) in sent.about]
                self.ledger.find(f"done: {sent.event_id} is verified, and {left} still name them", not left)

    def _said(self, key: tuple[str, str, int], kind: str, line: dict[str, Any]) -> None:
        """The report tells the truth about one device."""
        device, outcome = line["autopilotDeviceId"], line["outcome"]
        accepted = [each for each in self._accepted(key) if each.device == device]
        by_runs = [each for each in self._accepted_by_runs(key) if each.device == device]
        about = {user for sent in self.awaited if (sent.event_type, sent.event_id) == key[:2] for user in sent.about}
        names_them = self.tenant.user_of(device) in about
        claim = f"true report: {outcome} for {device}, said {kind} of {key}"
        match outcome:
            case "unassigned":  # or an intent without an answer, and cleared by another event since: nobody can tell
                self.ledger.find(claim, bool(accepted) or line["detail"] == Detail.RESPONSE_LOST)
            case "verified":
                self.ledger.find(claim, not names_them)
            case "alreadyUnassigned":
                self.ledger.find(claim, not by_runs)
            case "assignedToSomeoneElse":
                others = self.tenant.named[device] - about - {None}
                self.ledger.find(claim, bool(others))

    def _accepted_by_runs(self, key: tuple[str, str, int]) -> list[Post]:
        """The POSTs of an event that Graph accepted, without those of its looks."""
        return [each for each in self._accepted(key) if each.delivery.queue != builders.VERIFICATION]

    def _accepted(self, key: tuple[str, str, int]) -> list[Post]:
        event = f"{key[0]}:{key[1]}"
        return [each for each in self.ledger.posts if each.accepted_at and each.delivery.event == event]

    def _nothing_is_lost(self) -> None:
        kept, looks = set[str](), set[tuple[str, str, int]]()
        for messages in (self.bus.waiting(), self.bus.dead()):
            for queue, message in messages:
                properties = message.content.application_properties
                if queue == builders.VERIFICATION:
                    looks.add((str(properties["eventType"]), str(properties["eventId"]), int(properties["eventRun"])))
                else:
                    if int(properties.get("copy", 0)) >= _MOST_COPIES:
                        self.ledger.find(f"ends: {message.content.message_id} is put off for ever", False)
                    kept.add(str(properties.get("originalMessageId", message.content.message_id)))
        for sent in self.awaited:
            if sent.message_id not in kept and not self._of(sent, _ENDS):
                self.ledger.find(f"no loss: {sent.message_id} is waiting, dead-lettered or reported", False)
        for key, ends in self.ends.items():
            if "completed" in ends and key not in looks and not any(kind in ends for kind in _LAST_LOOKS):
                self.ledger.find(f"no loss: the look at {key} is waiting, dead-lettered or reported", False)

    def _read_what_was_published(self) -> None:
        for message_id, said in self.bus.sent[self._read :]:
            first = self.bus.published[message_id]
            self.ledger.find(f"one outcome: {message_id} says the same each time", first == said)
            document = json.loads(first)
            data, kind = document["data"], document["type"].rpartition(".")[2]
            self.ends[data["eventType"], data["eventId"], data["run"]][kind] = data
        self._read = len(self.bus.sent)

    def _of(self, sent: Sent, kinds: tuple[str, ...]) -> list[str]:
        ends = self.ends.get((sent.event_type, sent.event_id, sent.run), {})
        return [kind for kind in kinds if kind in ends]

    def _about(self, post: Post) -> frozenset[str]:
        of_it = [sent.about for sent in self.awaited if f"{sent.event_type}:{sent.event_id}" == post.delivery.event]
        return frozenset().union(*of_it)

    def _known(self, earlier: Post, post: Post) -> bool:
        """Whether the delivery that posts began when it was known that the earlier POST of its event was accepted."""
        if (
            (earlier.device, earlier.delivery.event)
            != (
                post.device,
                post.delivery.event,
            )
            or earlier.accepted_at is None
            or post.sent_at is None
        ):
            return False
        begun, same_life = post.delivery.begun_at, earlier.delivery.life is post.delivery.life
        told = earlier.answered_at is not None and earlier.answered_at <= begun and same_life
        recorded = earlier.recorded_at is not None and earlier.recorded_at <= begun
        young = post.sent_at - earlier.accepted_at < VERIFY_AFTER - self.skew
        return (told or recorded) and young
