"""What telemetry was emitted: OpenTelemetry's own SDK, set up once for each process, since its providers are global."""

import functools
import weakref
from dataclasses import dataclass
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider

_DELTA: dict[type, AggregationTemporality] = {
    Counter: AggregationTemporality.DELTA,
    Histogram: AggregationTemporality.DELTA,
}


@dataclass(frozen=True, slots=True)
class Point:
    """One value that was emitted since the last look."""

    name: str
    value: float
    attributes: dict[str, Any]


class Collected:
    """Readers of what was emitted since this was made; when nobody holds one any more, spans are not kept."""

    def __init__(self) -> None:
        self._spans: list[ReadableSpan] = []
        self._reader, collectors = _sdk()
        self._reader.get_metrics_data()
        collectors.add(self)

    def ended(self, span: ReadableSpan) -> None:
        """Keep it."""
        self._spans.append(span)

    def points(self, name: str = "") -> list[Point]:
        """Metrics since the last call; a histogram's value is its sum."""
        data = self._reader.get_metrics_data()
        found = [
            Point(metric.name, getattr(point, "sum", getattr(point, "value", 0)), dict(point.attributes or {}))
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.data.data_points
        ]
        return [point for point in found if not name or point.name == name]

    def by_queue(self, name: str) -> dict[str, float]:
        """The values of a metric by queue; a gauge keeps the last one of queues that other tests looked into."""
        return {point.attributes["queue"]: point.value for point in self.points(name)}

    def spans(self) -> list[ReadableSpan]:
        """Spans that ended, the first one first."""
        return list(self._spans)


class _ForCollectors(SpanProcessor):
    """Hands a span that ended to whoever collects; other tests of the process, a soak among them, keep none."""

    def __init__(self) -> None:
        self.collectors: weakref.WeakSet[Collected] = weakref.WeakSet()

    def on_end(self, span: ReadableSpan) -> None:
        for collector in self.collectors:
            collector.ended(span)


@functools.cache
def _sdk() -> tuple[InMemoryMetricReader, weakref.WeakSet[Collected]]:
    reader, processor = InMemoryMetricReader(preferred_temporality=_DELTA), _ForCollectors()
    metrics.set_meter_provider(MeterProvider([reader]))
    provider = TracerProvider()
    provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    return reader, processor.collectors
