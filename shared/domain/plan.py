"""Compare and unassign, the comparing half: given a fresh record, decide what is to be done with it. Pure.

A device is unassigned only if the record, read by id this moment, names the one whom the event is about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared.domain.device import AutopilotDevice
from shared.domain.events import Action, DeviceKey
from shared.domain.history import History, Step
from shared.domain.identifiers import AutopilotDeviceId, same
from shared.domain.report import Detail, DeviceReport, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One action on one device, and whom it may unassign.

    `assigned` lists whom or what the event is about: the leaver's names, or the user or resource account that the event
    names. None means: whoever this event's first decision found there; an empty list means nobody. `reused` are names of
    the leaver that somebody else holds now: such a record is reported and left alone. `key` is how the event named the
    device, and `only_with_user` whom else the record must name, if the event says so.
    """

    autopilot_device_id: AutopilotDeviceId
    action: Action
    assigned: Sequence[str] | None = None
    reused: Sequence[str] = ()
    key: DeviceKey | None = None
    only_with_user: str | None = None


@dataclass(frozen=True, slots=True)
class Unassign:
    """Post it: the record names the one whom the event is about."""

    device: AutopilotDevice


@dataclass(frozen=True, slots=True)
class Leave:
    """Touch nothing and report this outcome."""

    outcome: Outcome
    detail: Detail | None = None
    device: AutopilotDevice | None = None
    confirmed: bool = False


type Decision = Unassign | Leave

_NOT_ASSIGNED_BEFORE: Final = (Step.CLEAR, Step.RESTORED)
"""The steps after which whoever the record names was assigned at the earliest."""
_DATED_BY: Final = timedelta(days=1)


def settled_earlier(
    target: Target, history: History, *, run: int, now: datetime, verify_after: timedelta
) -> Leave | None:
    """The decision that needs no reading.

    A POST accepted less than `verify_after` ago is neither repeated nor doubted. What an operator has undone stays so for this
    run and earlier ones; a replay is a later one.
    """
    undone = history.undone(target.autopilot_device_id, target.action)
    if undone is not None and run <= undone.run:
        return Leave(Outcome.UNASSIGNED, Detail.UNDONE, before(target, history), confirmed=True)
    accepted = history.accepted(target.autopilot_device_id, target.action)
    if accepted is None or now - accepted.at >= verify_after:
        return None
    return Leave(Outcome.UNASSIGNED, None, accepted.device)


def compare(target: Target, device: AutopilotDevice | None, history: History) -> Decision:
    """Decide about a record read by id this moment (None: Graph has no such record). `history` is of live runs only."""
    if device is None:
        return Leave(Outcome.NOT_FOUND, None, before(target, history))
    if target.key is not None and not device.has(target.key) and not _posted(target, history):
        return Leave(Outcome.NOT_FOUND, Detail.KEY_CHANGED, device)
    current = device.assigned(target.action)
    if not current or not current.strip():
        return _clear(target, device, history)
    return _assigned(target, device, current, history)


def _posted(target: Target, history: History) -> bool:
    """Whether this event posted about the very record: a retired device loses its Intune and Entra ids, and is still the one."""
    about = target.autopilot_device_id, target.action
    return history.accepted(*about) is not None or history.unanswered(*about) is not None


def _assigned(target: Target, device: AutopilotDevice, current: str, history: History) -> Decision:
    if any(same(current, name) for name in target.reused):
        return Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, Detail.NAME_REUSED, device)
    if target.only_with_user is not None and not _has_user(target, target.only_with_user, device, history):
        return Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, None, device)
    if any(same(current, name) for name in _expected(target, current, history)):
        return Unassign(device)
    accepted = history.accepted(target.autopilot_device_id, target.action)
    if accepted is not None:
        return Leave(Outcome.UNASSIGNED, Detail.REASSIGNED_SINCE, accepted.device, confirmed=True)
    detail = Detail.OTHER_RESOURCE_ACCOUNT if target.action is Action.UNASSIGN_RESOURCE_ACCOUNT else None
    return Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, detail, device)


def last_known(history: History) -> list[DeviceReport]:
    """What is known of each device from the journal alone, for a message that ends before its devices could be read again."""
    return [_last_known(history, *about) for about in history.subjects()]


def _last_known(history: History, device: AutopilotDeviceId, action: Action) -> DeviceReport:
    accepted, unanswered = history.accepted(device, action), history.unanswered(device, action)
    seen = accepted or unanswered or history.first(device, action)
    before = seen.device if seen else None
    if history.undone(device, action):
        return reported(device, action, Leave(Outcome.UNASSIGNED, Detail.UNDONE, before))
    if accepted:
        return reported(device, action, Leave(Outcome.UNASSIGNED, None, before))
    detail = Detail.ANSWER_LOST if unanswered else Detail.NOT_REACHED
    return reported(device, action, Leave(Outcome.FAILED, detail, before))


def reported(device: AutopilotDeviceId, action: Action, leave: Leave) -> DeviceReport:
    """The line of the report that says what was decided about a device."""
    return DeviceReport(
        autopilot_device_id=device,
        action=action,
        outcome=leave.outcome,
        detail=leave.detail,
        before=leave.device,
        confirmed=leave.confirmed,
    )


def assigned_after(moment: datetime, device: History, action: Action, *, own: str) -> bool:
    """Whether the record, which names somebody now, is known to have been assigned after the moment.

    `device` is the history of the device over all events: the record was seen clear later, or an operator assigned it later.
    `own` is the event's fingerprint. Senders date events by the day: who left today at midnight may have been given the device,
    clear at nine, only at ten. So what another event saw clear counts from a day later on.
    """
    marks = [
        entry.at if entry.step is Step.RESTORED or entry.fingerprint == own else entry.at - _DATED_BY
        for entry in device.entries
        if entry.action is action and entry.step in _NOT_ASSIGNED_BEFORE
    ]
    return max(marks, default=moment) > moment


def _expected(target: Target, current: str, history: History) -> Sequence[str]:
    """Whom the record may name. The first decision binds: a device given to somebody new since then is left alone.

    It binds also where the key leads to another record by now, as after a device was registered anew for somebody else.
    """
    if target.assigned is not None:
        return target.assigned
    if not any(action is target.action for _, action in history.subjects()):
        return (current,)
    first = history.first(target.autopilot_device_id, target.action)
    found = first.device.assigned(target.action) if first else history.first_assigned(target.action)
    return (found,) if found else ()


def _has_user(target: Target, user: str, device: AutopilotDevice, history: History) -> bool:
    """Whether the record names the user, or did when this event first saw it (and may have unassigned the user itself)."""
    first = history.first(target.autopilot_device_id, Action.UNASSIGN_USER)
    return same(device.user_principal_name, user) or (
        first is not None and same(first.device.user_principal_name, user)
    )


def _clear(target: Target, device: AutopilotDevice, history: History) -> Leave:
    accepted = history.accepted(target.autopilot_device_id, target.action)
    if accepted is not None:
        return Leave(Outcome.UNASSIGNED, None, accepted.device, confirmed=True)
    unanswered = history.unanswered(target.autopilot_device_id, target.action)
    if unanswered is not None:
        return Leave(Outcome.UNASSIGNED, Detail.RESPONSE_LOST, unanswered.device, confirmed=True)
    return Leave(Outcome.ALREADY_UNASSIGNED, None, device, confirmed=True)


def before(target: Target, history: History) -> AutopilotDevice | None:
    """The record as this event first saw it, or None if it never did."""
    first = history.first(target.autopilot_device_id, target.action)
    return None if first is None else first.device
