"""Whether a report tells the truth, from what was asked, what Graph did and what the journal took. Knows no queue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.domain.report import Detail
from tests import builders
from tests.proof.ends import OF_A_RUN, End, Ends
from tests.proof.ledger import Intent, Ledger, Post
from tests.proof.sent import Key, Sent
from tests.proof.tenant import Tenant

_USER: Final = "unassignUser"
_ACCOUNT: Final = "unassignResourceAccount"
_WORST_FIRST: Final = (
    *("failed", "unverified", "assignedToSomeoneElse", "notFound", "wouldUnassign"),
    *("unassigned", "alreadyUnassigned", "verified"),
)
_MAY_SAY: Final = {
    "completed": {"assignedToSomeoneElse", "notFound", "wouldUnassign", "unassigned", "alreadyUnassigned"},
    "failed": {"failed", "assignedToSomeoneElse", "notFound", "wouldUnassign", "unassigned", "alreadyUnassigned"},
    "verified": {"verified", "assignedToSomeoneElse", "notFound", "unassigned"},
    "unverified": set(_WORST_FIRST) - {"wouldUnassign"},
}


@dataclass(frozen=True, slots=True)
class Reports:
    """Judges them when they are published; that they are complete, at the end."""

    tenant: Tenant
    ledger: Ledger
    awaited: Sequence[Sent]

    def judge(self, key: Key, kind: str, end: End) -> None:
        """What an outcome says of the whole and of each device."""
        lines = end.data["devices"]
        said = {line["outcome"] for line in lines}
        worst = min(said, key=_WORST_FIRST.index, default="noDevices") if said <= set(_WORST_FIRST) else None
        whole = "failed" if end.data["deadLetterReason"] and kind == "failed" else worst
        if kind == "unverified":
            whole = end.data["outcome"] if end.data["outcome"] in {"failed", "unverified"} else None
        self.ledger.find(f"true report: {kind} of {key} is {whole} as a whole", end.data["outcome"] == whole)
        self.ledger.find(f"true report: {kind} of {key} says {said}", said <= _MAY_SAY[kind])
        for line in lines:
            claim = f"true report: {line['outcome']} for {line['autopilotDeviceId']}, said {kind} of {key}"
            self.ledger.find(claim, self._true(key, end, line))
            self.ledger.find(f"{claim}, with the record before", self._before(key, line))

    def only_changed(self, key: Key, kind: str, end: End) -> None:
        """A look at a run that was dead-lettered is about what it may have changed: the rest an operator must see to first."""
        for line in end.data["devices"]:
            device, action = line["autopilotDeviceId"], line["action"]
            posted = any(each.device == device for each in self._accepted(key, action))
            may_be = posted or self._nobody_can_tell(key, end, line)
            self.ledger.find(f"true report: {kind} of {key} is about {device}, on which nothing was posted", may_be)

    def complete(self, key: Key, ends: Mapping[str, End]) -> None:
        """A run names each device that it unassigned; a retirement, all that it asks for."""
        for kind in set(ends) & set(OF_A_RUN):
            end = ends[kind]
            named = {(line["autopilotDeviceId"], line["action"]) for line in end.data["devices"]}
            posts = [
                post for post in self._accepted(key) if self._of_a_run(post, key[2], end.at) and self._known(post, end)
            ]
            missing = {(post.device, post.action) for post in posts} - named
            claim = f"true report: {kind} of {key} names each device that it unassigned, not {missing}"
            self.ledger.find(claim, not missing)
            asked = {
                (device, action) for each in self._sent(key) for device in each.devices or () for action in each.actions
            }
            whole = kind == "failed" or not asked or named == asked
            self.ledger.find(f"true report: {kind} of {key} is about {asked}, not {named}", whole)

    def _known(self, post: Post, end: End) -> bool:
        """Whether who ended the run could know of the POST: it was its own, or its intent was on record when it last looked."""
        if post.delivery is end.delivery:
            return True
        until = end.delivery.knows_until
        intents = (each for each in self.ledger.intents if each.delivery is post.delivery and _same(post, each))
        return until is not None and any(each.at <= until for each in intents)

    def nobody_is_left(self, ends: Ends) -> None:
        """Whom an event verified as offboarded, or a device as retired from, no record names, unless an undo assigned them.

        Of a run that was dead-lettered that is said of what it changed alone.
        """
        for sent in self.awaited:
            if ends.kinds(sent, ("verified",)):
                whole, changed = (
                    bool(ends.kinds(sent, ("completed",))),
                    {each.device for each in self._accepted(sent.key)},
                )
                left = [each for each in self.tenant.devices if sent.concerns(each) and (whole or each in changed)]
                left = [each for each in left if self.tenant.user_of(each) in sent.about - self.tenant.given_back(each)]
                if _ACCOUNT in sent.actions:
                    left += [each for each in sent.devices or () if self.tenant.account_of(each)]
                self.ledger.find(f"done: {sent.event_id} is verified, and {left} still name them", not left)

    def changed_by(self, key: Key, at: datetime) -> bool:
        """Whether the run had unassigned something when it ended that was not undone by then."""
        posts = [
            post for post in self._accepted(key) if self._of_a_run(post, key[2], at) and post.delivery.run == key[2]
        ]
        return any(not self._undone(post, at) for post in posts)

    def _undone(self, post: Post, by: datetime) -> bool:
        undone_at = self.tenant.restored_at.get(post.device)
        return undone_at is not None and post.accepted_at is not None and post.accepted_at <= undone_at <= by

    def _true(self, key: Key, end: End, line: dict[str, Any]) -> bool:
        device, detail = line["autopilotDeviceId"], line["detail"]
        posts = [each for each in self._accepted(key, line["action"]) if each.device == device]
        about = {user for sent in self._sent(key) for user in sent.about}
        named = self.tenant.named[device]
        read = end.delivery.reads.get(device, (None, None))
        holds = {
            "unassigned": bool(posts),
            "verified": device in end.delivery.reads and (line["action"] != _USER or read[1] not in about),
            "alreadyUnassigned": all(self._undone(post, end.at) for post in posts),
            "assignedToSomeoneElse": bool(named - about - {None}),
            "notFound": device not in self.tenant.devices,
            "wouldUnassign": key[3] and bool(named & about),
            "unverified": True,
            "failed": True,
        }
        if detail in {Detail.UNDONE, Detail.ASSIGNED_AFTER_THE_EVENT}:
            return bool(self.tenant.given_back(device) & about)
        if detail in {Detail.RESPONSE_LOST, Detail.ANSWER_LOST}:
            return self._nobody_can_tell(key, end, line) or (bool(posts) and device in self.tenant.restored_at)
        return holds.get(line["outcome"], False)

    def _nobody_can_tell(self, key: Key, end: End, line: dict[str, Any]) -> bool:
        return any(self._unanswered(each, end) for each in self._intents(key, line))

    def _before(self, key: Key, line: dict[str, Any]) -> bool:
        """The record as it was: of that very device; with whom it was taken from, where it was."""
        before, device = line["before"], line["autopilotDeviceId"]
        if before is None:
            return line["outcome"] in {"failed", "notFound", "unverified"}
        about = {user for sent in self._sent(key) for user in sent.about}
        taken = line["action"] == _USER and line["outcome"] in {"unassigned", "wouldUnassign"}
        theirs = not taken or before["userPrincipalName"] in about
        return before["serialNumber"] == f"{builders.SERIAL_NUMBER}-{device}" and theirs

    def _unanswered(self, intent: Intent, end: End) -> bool:
        """Whether nobody could tell then what came of it: whoever meant to post died, or was not heard, or not done yet."""
        post = next(
            (each for each in reversed(self.ledger.posts) if each.delivery is intent.delivery and _same(each, intent)),
            None,
        )
        asked_in_vain = post is not None and not post.known and post.answered_at is None
        overlapped = intent.delivery.ended_at is None or intent.delivery.ended_at >= end.delivery.begun_at
        overlapped = overlapped and intent.delivery is not end.delivery
        crossed = any(_crossed(intent, each) for each in self.ledger.intents)
        return intent.lost or not intent.delivery.life.alive or asked_in_vain or overlapped or crossed

    def _intents(self, key: Key, line: dict[str, Any]) -> list[Intent]:
        event, about = f"{key[0]}:{key[1]}", (line["autopilotDeviceId"], line["action"])
        return [
            each for each in self.ledger.intents if each.delivery.event == event and (each.device, each.action) == about
        ]

    def _accepted(self, key: Key, action: str | None = None) -> list[Post]:
        event = f"{key[0]}:{key[1]}"
        return [
            each
            for each in self.ledger.posts
            if each.accepted_at and each.delivery.event == event and action in {None, each.action}
        ]

    def _of_a_run(self, post: Post, run: int, at: datetime) -> bool:
        """Whether it is of the run, or an earlier one, and not of a look, and took effect before the run ended."""
        by_a_run = post.delivery.queue != builders.VERIFICATION and (post.delivery.run or 0) <= run
        return by_a_run and post.accepted_at is not None and post.accepted_at <= at

    def _sent(self, key: Key) -> list[Sent]:
        return [each for each in self.awaited if (each.event_type, each.event_id) == key[:2]]


def _same(post: Post, intent: Intent) -> bool:
    return (post.device, post.action) == (intent.device, intent.action)


def _crossed(intent: Intent, other: Intent) -> bool:
    """Whether another delivery wrote its intent between an intent and its answer: the journal cannot tell whose answer it is."""
    alike = (intent.device, intent.action, intent.delivery.event) == (other.device, other.action, other.delivery.event)
    between = intent.at <= other.at and (intent.answered_at is None or other.at <= intent.answered_at)
    return alike and other.delivery is not intent.delivery and between
