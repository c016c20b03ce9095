"""The outcome event: one CloudEvents 1.0 event for each handled message and run, which tells per device what came of it.

It is the report, so it names people and devices; logs do not. The model is the source of `docs/schemas/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from pydantic import AliasGenerator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from shared.domain import report
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action, Request
from shared.messaging import settlement
from shared.messaging.dead_letters import Reason
from shared.messaging.message_ids import bounded_message_id

SOURCE: Final = "/autopilot-offboarding"
DRY_RUN: Final = "dry-run"
COMPLETED: Final = "autopilot.unassignment.completed"
FAILED: Final = "autopilot.unassignment.failed"
VERIFIED: Final = "autopilot.unassignment.verified"
UNVERIFIED: Final = "autopilot.unassignment.unverified"

type Kind = Literal[
    "autopilot.unassignment.completed",
    "autopilot.unassignment.failed",
    "autopilot.unassignment.verified",
    "autopilot.unassignment.unverified",
]


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        alias_generator=AliasGenerator(alias=to_camel),
        populate_by_name=True,
        cache_strings="keys",  # or names of people would be kept for good
    )


class Before(_Model):
    """The record as it was when this event first saw it."""

    user_principal_name: str | None
    addressable_user_name: str | None
    resource_name: str | None
    group_tag: str | None
    serial_number: str | None


class DeviceOutcome(_Model):
    """What came of one action on one device."""

    autopilot_device_id: str
    action: Action
    outcome: report.Outcome
    detail: str | None
    before: Before | None


class Data(_Model):
    """The report: the event, what came of it as a whole, and of each device, worst first."""

    event_id: str
    event_type: str
    run: int
    outcome: report.Outcome
    dry_run: bool
    requested_by: str | None
    ticket: str | None
    reason: str | None
    attempt: int
    received_at: datetime
    handled_at: datetime
    dead_letter_reason: str | None
    devices: list[DeviceOutcome]


class OutcomeEvent(_Model):
    """The CloudEvents envelope; `id` is `{eventId}:{run}:{type}`, the same however often it is published.

    CloudEvents are told apart by `source` and `id` together: the source names the event's type, and dry runs.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: Kind
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    data: Data

    def document(self) -> str:
        """The event as JSON text, as it is journalled and published."""
        return self.model_dump_json(by_alias=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """An outcome event ready for the topic, which drops what has a message id that it has seen.

    Application properties let subscriptions filter without reading the body.
    """

    event_id: str
    message_id: str
    document: str
    application_properties: Mapping[str, str | bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an outcome is about: one run of an event, dry or live, or the verification of it (by its own replays).

    `attempt` is that of the run, or the number of the look that a verification took; `received_at` when the event arrived (UTC).
    """

    event_type: str
    request: Request
    run: int
    attempt: int
    received_at: datetime
    dry_run: bool
    verification: bool = False
    replay: int = 0


def event(
    subject: Subject,
    decision: settlement.LastSettlement,
    reports: Sequence[report.DeviceReport],
    *,
    now: datetime,
) -> OutcomeEvent:
    """The outcome event of what ends in `decision`."""
    request, reason = subject.request, _reason(decision)
    kind = _kind(subject, reason)
    data = Data(
        event_id=request.event_id,
        event_type=subject.event_type,
        run=subject.run,
        outcome=_outcome(reason, reports),
        dry_run=subject.dry_run,
        requested_by=request.requested_by,
        ticket=request.ticket,
        reason=request.reason,
        attempt=subject.attempt,
        received_at=subject.received_at,
        handled_at=now,
        dead_letter_reason=None if reason is None else reason.value,
        devices=[_device(line) for line in report.worst_first(reports)],
    )
    source = "/".join([SOURCE, subject.event_type, *([DRY_RUN] if subject.dry_run else [])])
    replay = [f"r{subject.replay}"] if subject.replay else []
    return OutcomeEvent(
        id=":".join([request.event_id, str(subject.run), kind, *replay]),
        source=source,
        type=kind,
        subject=request.event_id,
        time=now,
        data=data,
    )


def _reason(decision: settlement.LastSettlement) -> Reason | None:
    return decision.reason if isinstance(decision, settlement.DeadLetter) else None


def _kind(subject: Subject, reason: Reason | None) -> Kind:
    if subject.verification:
        return VERIFIED if reason is None else UNVERIFIED
    return COMPLETED if reason is None else FAILED


def _outcome(reason: Reason | None, reports: Sequence[report.DeviceReport]) -> report.Outcome:
    """What is dead-lettered has failed, whatever its devices; or is not confirmed, which its devices say."""
    if reason is None:
        return report.worst(reports)
    return report.Outcome.UNVERIFIED if reason is Reason.UNASSIGNMENT_NOT_CONFIRMED else report.Outcome.FAILED


def schema() -> dict[str, Any]:
    """The JSON Schema of the outcome event, as published in `docs/schemas/`."""
    return OutcomeEvent.model_json_schema(mode="serialization")


def publication(document: str) -> Publication:
    """An outcome event for the topic from its (journalled) document."""
    outcome = OutcomeEvent.model_validate_json(document)
    properties = {"type": outcome.type, "outcome": outcome.data.outcome.value, "dryRun": outcome.data.dry_run}
    message_id = bounded_message_id(f"{outcome.source}:{outcome.id}")
    return Publication(
        event_id=outcome.id,
        message_id=message_id,
        document=document,
        application_properties=properties,
    )


def _device(line: report.DeviceReport) -> DeviceOutcome:
    return DeviceOutcome(
        autopilot_device_id=line.autopilot_device_id,
        action=line.action,
        outcome=line.outcome,
        detail=line.detail,
        before=_before(line.before),
    )


def _before(device: AutopilotDevice | None) -> Before | None:
    if device is None:
        return None
    return Before(
        user_principal_name=device.user_principal_name,
        addressable_user_name=device.addressable_user_name,
        resource_name=device.resource_name,
        group_tag=device.group_tag,
        serial_number=device.serial_number,
    )
