"""The metrics and spans of the service, by name: alerts and the workbook in infra/ ask for these and no others.

Attributes have few values and name nobody: queues, classes, reasons, outcomes, status codes. Records through OpenTelemetry's API,
which does nothing until somebody sets up an SDK (in Azure the Functions worker), and which is loaded when it is first needed.
Knows no other part of the service than what it counts.
"""

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any, Final

from shared import ports
from shared.domain import errors
from shared.messaging import settlement
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import OutcomeEvent

if TYPE_CHECKING:
    from opentelemetry.trace import Link

SCOPE: Final = "autopilot-offboarding"
UNEXPECTED: Final = "unexpected"
"""Stands for the class of an error that is nobody's of ours; the log has it."""
NO_ANSWER: Final = "none"
"""Stands for the status of a call that got no answer."""


class Kind(Enum):
    """What sort of instrument a metric is."""

    COUNTER = "counter"
    HISTOGRAM = "histogram"
    GAUGE = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric: its name and unit, what it tells, and the only attributes that it has."""

    name: str
    kind: Kind
    unit: str
    description: str
    attributes: tuple[str, ...]


SETTLED: Final = Metric(
    name="autopilot.messages.settled",
    kind=Kind.COUNTER,
    unit="{message}",
    description="deliveries that were settled, or whose copy was scheduled; reason of a dead letter or a put-off",
    attributes=("queue", "settlement", "reason"),
)
FAILED: Final = Metric(
    name="autopilot.attempts.failed",
    kind=Kind.COUNTER,
    unit="{attempt}",
    description="attempts that failed, by the class of the error",
    attributes=("queue", "error"),
)
DURATION: Final = Metric(
    name="autopilot.message.duration",
    kind=Kind.HISTOGRAM,
    unit="s",
    description="how long one delivery was in hand",
    attributes=("queue",),
)
WAIT: Final = Metric(
    name="autopilot.message.wait",
    kind=Kind.HISTOGRAM,
    unit="s",
    description="how long a delivery lay in its queue before it was taken",
    attributes=("queue",),
)
OUTCOMES: Final = Metric(
    name="autopilot.outcomes",
    kind=Kind.COUNTER,
    unit="{event}",
    description="outcome events that were published, by the event's type, the stage that it is the end of, and its outcome",
    attributes=("event_type", "stage", "outcome", "dry_run"),
)
AGE: Final = Metric(
    name="autopilot.outcome.age",
    kind=Kind.HISTOGRAM,
    unit="s",
    description="time from an event's arrival to its outcome, for each stage",
    attributes=("event_type", "stage", "dry_run"),
)
DEVICES: Final = Metric(
    name="autopilot.devices",
    kind=Kind.COUNTER,
    unit="{device}",
    description="devices in published outcomes, by action and outcome",
    attributes=("action", "stage", "outcome", "dry_run"),
)
CALLS: Final = Metric(
    name="autopilot.graph.calls",
    kind=Kind.COUNTER,
    unit="{call}",
    description="calls to Graph, each item of a batch for itself, by operation (read, write) and status",
    attributes=("operation", "status"),
)
HEARTBEAT: Final = Metric(
    name="autopilot.heartbeat",
    kind=Kind.COUNTER,
    unit="{beat}",
    description="the functions start and run; once every few minutes, whether or not there is work",
    attributes=(),
)
OLDEST_ACTIVE: Final = Metric(
    name="autopilot.queue.oldest_active",
    kind=Kind.GAUGE,
    unit="s",
    description="how long the oldest message that could be taken has lain in its queue",
    attributes=("queue",),
)
METRICS: Final = {
    each.name: each
    for each in (SETTLED, FAILED, DURATION, WAIT, OUTCOMES, AGE, DEVICES, CALLS, HEARTBEAT, OLDEST_ACTIVE)
}
"""Every metric, by name."""

MESSAGE_SPAN: Final = "autopilot.message"
"""One delivery, from taking to settling; linked to the trace of whoever sent the event."""
GRAPH_SPAN: Final = "autopilot.graph"
"""One exchange with Graph, of one request or a batch."""
SPANS: Final[Mapping[str, tuple[str, ...]]] = {
    MESSAGE_SPAN: ("queue", "settlement", "reason"),
    GRAPH_SPAN: ("operation",),
}
"""Every span by name, with the only attributes that it has."""


class Stage(StrEnum):
    """What an outcome event is the end of: its type, without the prefix that they share."""

    COMPLETED = "completed"
    FAILED = "failed"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@contextmanager
def message(taken: IncomingMessage, *, clock: ports.Clock) -> Iterator[None]:
    """The span of one delivery, how long it lay in its queue, and how long it was in hand."""
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - loaded by the first message, not by the start

    began = clock.now()
    _record(WAIT, _seconds(began - taken.enqueued_at), queue=taken.queue)
    try:
        with _tracer().start_as_current_span(
            MESSAGE_SPAN,
            kind=SpanKind.CONSUMER,
            attributes={"queue": taken.queue},
            links=_links(taken),
            record_exception=False,  # an exception's text may quote anything
            set_status_on_exception=False,
        ):
            yield
    finally:
        _record(DURATION, _seconds(clock.now() - began), queue=taken.queue)


def settled(taken: IncomingMessage, decision: settlement.Settlement) -> None:
    """A delivery was settled, or its copy scheduled and it completed."""
    from opentelemetry import trace  # noqa: PLC0415 - as above

    match decision:
        case settlement.DeadLetter(reason, _):
            why = reason.value
        case settlement.PutOff(_, cause, _):
            why = cause.value
        case _:
            why = ""
    name = type(decision).__name__
    trace.get_current_span().set_attributes({"settlement": name, "reason": why})
    _record(SETTLED, 1, queue=taken.queue, settlement=name, reason=why)


def failed(taken: IncomingMessage, error: Exception) -> None:
    """An attempt failed."""
    known = isinstance(error, errors.UnassignmentError)
    _record(FAILED, 1, queue=taken.queue, error=type(error).__name__ if known else UNEXPECTED)


def concluded(event: OutcomeEvent) -> None:
    """An outcome event was published. Its age counts from the arrival that it tells of."""
    data, stage, dry = event.data, event.type.rpartition(".")[2], _flag(event.data.dry_run)
    _record(OUTCOMES, 1, event_type=data.event_type, stage=stage, outcome=data.outcome.value, dry_run=dry)
    _record(AGE, _seconds(data.handled_at - data.received_at), event_type=data.event_type, stage=stage, dry_run=dry)
    for device in data.devices:
        _record(DEVICES, 1, action=device.action.value, stage=stage, outcome=device.outcome.value, dry_run=dry)


@contextmanager
def graph(*, write: bool) -> Iterator[None]:
    """The span of one exchange with Graph."""
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - as above

    with _tracer().start_as_current_span(
        GRAPH_SPAN,
        kind=SpanKind.CLIENT,
        attributes={"operation": _operation(write)},
        record_exception=False,
        set_status_on_exception=False,
    ):
        yield


def graph_answered(statuses: Sequence[int | None], *, write: bool) -> None:
    """Graph answered these calls; None: no answer came."""
    for status in statuses:
        _record(CALLS, 1, operation=_operation(write), status=NO_ANSWER if status is None else str(status))


def beat() -> None:
    """The functions run."""
    _record(HEARTBEAT, 1)


def oldest_active(queue: str, age: timedelta) -> None:
    """How long the oldest message that could be taken has lain in a queue; nothing, if there is none."""
    _record(OLDEST_ACTIVE, _seconds(age), queue=queue)


def _record(metric: Metric, value: float, **attributes: str) -> None:
    _instrument(metric)(value, attributes)


@functools.cache
def _instrument(metric: Metric) -> Any:
    from opentelemetry import metrics  # noqa: PLC0415 - as above

    meter = metrics.get_meter(SCOPE)
    match metric.kind:
        case Kind.COUNTER:
            return meter.create_counter(metric.name, metric.unit, metric.description).add
        case Kind.HISTOGRAM:
            return meter.create_histogram(metric.name, metric.unit, metric.description).record
        case Kind.GAUGE:
            return meter.create_gauge(metric.name, metric.unit, metric.description).set


def _tracer() -> Any:
    from opentelemetry import trace  # noqa: PLC0415 - as above

    return trace.get_tracer(SCOPE)


def _links(taken: IncomingMessage) -> "list[Link]":
    """The trace of whoever sent the event, if their SDK left it on the message."""
    from opentelemetry import trace  # noqa: PLC0415 - as above
    from opentelemetry.context import Context  # noqa: PLC0415 - as above
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - as above

    carrier = {"traceparent": taken.sender_trace or ""}
    sender = trace.get_current_span(TraceContextTextMapPropagator().extract(carrier, Context())).get_span_context()
    return [trace.Link(sender)] if sender.is_valid else []


def _seconds(span: timedelta) -> float:
    """Clocks of two machines differ: less than nothing is nothing."""
    return max(0.0, span.total_seconds())


def _operation(write: bool) -> str:
    return "write" if write else "read"


def _flag(value: bool) -> str:
    return "true" if value else "false"
