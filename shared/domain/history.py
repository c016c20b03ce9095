"""What the journal remembers of one event, and the questions that the plan asks of it.

Knows entries and their meaning; nothing of where they are stored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise, zip_longest
from typing import Final, Self

from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, EventId, same, unique


class Step(StrEnum):
    """What an entry records."""

    FOUND = "found"
    """The record as an attempt found it first, where nothing was to be posted. It answers no intent: another's may be before it."""
    INTENT = "intent"
    """Written before a POST: what we are about to unassign, and the record before it."""
    WITHDRAWN = "withdrawn"
    """After an intent: nothing was posted, or nothing came of it."""
    ACCEPTED = "accepted"
    """Written after a POST that Graph accepted."""
    RESTORING = "restoring"
    """Written before an operator's undo assigns the former user again; `device` is the record before it."""
    RESTORED = "restored"
    """Written after Graph accepted that."""
    NOT_RESTORED = "notRestored"
    """After RESTORING: nobody was assigned."""
    CLEAR = "clear"
    """In the history of a device, not of an event: a verification read the record back and found nobody assigned."""


_UNDO: Final = (Step.RESTORING, Step.RESTORED, Step.NOT_RESTORED)
_POST: Final = (Step.INTENT, Step.ACCEPTED, Step.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row: at `at` (UTC), attempt `attempt` of run `run` of the event saw `device` and took `step`.

    `fingerprint` is that of the event's contents, which tells contents apart that share an event id.
    """

    event_id: EventId
    run: int
    attempt: int
    step: Step
    action: Action
    device: AutopilotDevice
    at: datetime
    dry_run: bool = False
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """All entries of one event, oldest first, over all its runs."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """A history from entries in the order in which they were written."""
        return cls(tuple(entries))

    def live(self) -> Self:
        """The history without the dry runs, which decide nothing for a live one."""
        return type(self)(tuple(entry for entry in self.entries if not entry.dry_run))

    def devices(self) -> Sequence[AutopilotDeviceId]:
        """Every device that this event has seen, each once, in the order of first sight."""
        return unique([entry.device.autopilot_device_id for entry in self.entries])

    def subjects(self) -> Sequence[tuple[AutopilotDeviceId, Action]]:
        """Every device and action that there is an entry about, each once, in the order of first sight."""
        return tuple(
            (device, action) for device in self.devices() for action in Action if self.first(device, action) is not None
        )

    def first_assigned(self, action: Action) -> str | None:
        """Whom or what this event's very first decision found, on whichever device that was."""
        first = next((entry for entry in self.entries if entry.action is action), None)
        return None if first is None else first.device.assigned(action)

    def first(self, device: AutopilotDeviceId, action: Action) -> Entry | None:
        """This event's first decision about a device: what it found there then is all it may ever unassign."""
        return next(iter(self._about(device, action)), None)

    def accepted(self, device: AutopilotDeviceId, action: Action) -> Entry | None:
        """The latest POST that Graph accepted and no undo followed, or None.

        The latest by its time: a process that the journal was out of reach for writes late what it remembers.
        """
        _, since = self._undo_and_since(device, action)
        accepted = [entry for entry in reversed(since) if entry.step is Step.ACCEPTED]
        return max(accepted, key=lambda entry: entry.at, default=None)

    def undone(self, device: AutopilotDeviceId, action: Action) -> Entry | None:
        """An operator's undo, if nothing has come of a later run since, or None."""
        undo, since = self._undo_and_since(device, action)
        return None if _posted(since) else undo

    def counted(self, device: AutopilotDeviceId, action: Action, *, dry_run: bool = False) -> bool:
        """Whether this event went so far as to post about the device, or would have: it was counted then."""
        counts = Step.FOUND if dry_run else Step.INTENT
        return any(entry.step is counts and entry.dry_run is dry_run for entry in self._about(device, action))

    def unassigned(self, action: Action) -> Sequence[str]:
        """Whom or what this event went so far as to unassign, by the names that the records held."""
        names = (e.device.assigned(action) for e in self.entries if e.step is Step.INTENT and e.action is action)
        return unique([name for name in names if name])

    def changed(self) -> Sequence[tuple[AutopilotDeviceId, Action]]:
        """Every device and action that a POST of this event may have changed, each once."""
        return tuple(about for about in self.subjects() if self.accepted(*about) or self.unanswered(*about))

    def unanswered(self, device: AutopilotDeviceId, action: Action) -> Entry | None:
        """The latest intent that no entry answers: a POST may have been sent, and its answer was lost.

        An answer is the entry right after its intent; it says nothing about the intent of an earlier attempt.
        """
        _, since = self._undo_and_since(device, action)
        lost = [entry for entry in _posted(since) if entry.step is Step.INTENT]
        return lost[-1] if lost else None

    def last_unassigned(self, device: AutopilotDeviceId, action: Action) -> Entry | None:
        """The latest POST that Graph accepted, or whose answer was lost, undone since or not: who was assigned before it."""
        posted = _posted(self._about(device, action))
        return posted[-1] if posted else None

    def _undo_and_since(self, device: AutopilotDeviceId, action: Action) -> tuple[Entry | None, list[Entry]]:
        """The last undo that may have assigned somebody, and what followed it; everything, if there was none.

        A POST of the run that was undone, or of one before, was accepted before the undo, whenever that was written.
        """
        about = _without_vain_undos(self._about(device, action))
        undone = [number for number, entry in enumerate(about) if entry.step in {Step.RESTORING, Step.RESTORED}]
        if not undone:
            return None, about
        undo, since = about[undone[-1]], about[undone[-1] + 1 :]
        return undo, [entry for entry in since if entry.step is not Step.ACCEPTED or entry.run > undo.run]

    def with_entry(self, entry: Entry) -> Self:
        """The history with one entry more."""
        return type(self)((*self.entries, entry))

    def _about(self, device: AutopilotDeviceId, action: Action) -> list[Entry]:
        return [e for e in self.entries if same(e.device.autopilot_device_id, device) and e.action is action]


def _without_vain_undos(about: Sequence[Entry]) -> list[Entry]:
    """Without the undos that assigned nobody, as their next entry says; the service's own may be in between."""
    undos = [number for number, entry in enumerate(about) if entry.step in _UNDO]
    vain = {
        number
        for pair in pairwise(undos)
        if [about[number].step for number in pair] == [Step.RESTORING, Step.NOT_RESTORED]
        for number in pair
    }
    return [entry for number, entry in enumerate(about) if number not in vain]


def _posted(about: Iterable[Entry]) -> list[Entry]:
    """The POSTs that Graph accepted, and the intents that nothing answers; an answer is the next entry about a POST.

    Neither a first sight nor an undo is one: another process, or an operator, may have written it in between.
    """
    posts = [entry for entry in about if entry.step in _POST]
    return [
        entry
        for entry, following in zip_longest(posts, posts[1:])
        if entry.step is Step.ACCEPTED
        or (entry.step is Step.INTENT and (following is None or following.step is Step.INTENT))
    ]
