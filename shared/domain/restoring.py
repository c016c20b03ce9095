"""Undoing what an event did to a device: whom to assign again, and whether. Pure.

A user is assigned again only to a record that, read by id this moment, names nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import same


class Restoration(StrEnum):
    """What came of undoing one action on one device."""

    WOULD_RESTORE = "wouldRestore"
    RESTORED = "restored"
    """Graph accepted it, and the record, read back, names the former user."""
    ACCEPTED = "accepted"
    """Graph accepted it; the record does not show it yet."""
    ALREADY_ASSIGNED = "alreadyAssigned"
    """The record names the former user: nothing is sent."""
    NOT_CLEAR_YET = "notClearYet"
    """Graph accepted the unassignment a moment ago and may still carry it out: to be undone when it has."""
    UNDONE_BEFORE = "undoneBefore"
    """This undo was done before, and the record is clear again since: that is not this event's to undo."""
    ASSIGNED_TO_SOMEONE_ELSE = "assignedToSomeoneElse"
    NOT_FOUND = "notFound"
    NOT_POSSIBLE = "notPossible"
    """A resource account: there is no call that assigns it again as it was."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """One line of what an undo did: `former` holds the record as it was before the event changed it.

    `undone_at` is when the event was undone, of what was undone before.
    """

    former: AutopilotDevice
    action: Action
    result: Restoration
    detail: str | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Assign the former user: the record, as it was read, is clear."""

    record: AutopilotDevice


@dataclass(frozen=True, slots=True)
class Keep:
    """Send nothing. `mark` tells that the journal is to say that the record is as it was before the event."""

    result: Restoration
    record: AutopilotDevice | None = None
    mark: bool = False
    undone_at: datetime | None = None


BY_AN_UNDO: Final = 0
"""The attempt of what an undo writes into a device's history: no attempt of an event saw it."""

type Decision = Restore | Keep


def undoable(history: History) -> Sequence[Entry]:
    """For each device and action that the event changed, or may have changed, the entry with the record before it."""
    live = history.live()
    posted = (live.last_unassigned(*about) for about in live.subjects())
    return [entry for entry in posted if entry is not None]


def decide(
    former: Entry,
    record: AutopilotDevice | None,
    history: History,
    known: History,
    *,
    now: datetime,
    verify_after: timedelta,
) -> Decision:
    """Decide about a record read by id this moment (None: Graph has no such record).

    `known` is the history of the device over all events; only of one that was undone, or half undone, does it tell anything.
    What was accepted less than `verify_after` ago, of either kind, is neither repeated nor taken for done.
    """
    if former.action is not Action.UNASSIGN_USER:
        return Keep(Restoration.NOT_POSSIBLE, record)
    if record is None:
        return Keep(Restoration.NOT_FOUND)
    undone = history.live().undone(former.device.autopilot_device_id, former.action)
    current = record.user_principal_name or ""
    if not current.strip():
        return Restore(record) if undone is None else _again(undone, record, known, now=now, verify_after=verify_after)
    if not same(current, former.device.user_principal_name):
        return Keep(Restoration.ASSIGNED_TO_SOMEONE_ELSE, record)
    if undone is None and now - former.at < verify_after:
        return Keep(Restoration.NOT_CLEAR_YET, record)
    return Keep(Restoration.ALREADY_ASSIGNED, record, mark=undone is None or undone.step is not Step.RESTORED)


def _again(
    undone: Entry, record: AutopilotDevice, known: History, *, now: datetime, verify_after: timedelta
) -> Decision:
    """The record is clear after an undo. One that broke off is finished; one that was done is never done again.

    Somebody else may have unassigned the user since, with better reason: at a console, or by another event, whose verification
    is on record as having seen it clear.
    """
    if _cleared_since(undone, known):
        return Keep(Restoration.UNDONE_BEFORE, record, undone_at=undone.at)
    if undone.step is not Step.RESTORED:
        return Restore(record)
    if now - undone.at < verify_after:
        return Keep(Restoration.ACCEPTED, record)
    return Keep(Restoration.UNDONE_BEFORE, record, undone_at=undone.at)


def _cleared_since(undone: Entry, known: History) -> bool:
    """Whether a verification saw the record clear after the undo; an undo's own entries carry no attempt."""
    return any(
        entry.step is Step.CLEAR
        and entry.action is undone.action
        and entry.at > undone.at
        and entry.attempt != BY_AN_UNDO
        for entry in known.entries
    )
