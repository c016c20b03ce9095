"""The figures that the project holds itself to, and their bounds. Knows how a figure is judged, and not how it is measured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

type Figures = Mapping[str, float]
"""Figures by name, such as `quota.time_ratio`; times and sizes end in their unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One figure: it may be at most `most`, or must be at least `least`; with neither it is there to compare with."""

    key: str
    what: str
    most: float | None = None
    least: float | None = None

    def met(self, value: float) -> bool:
        """Whether the value keeps the bounds."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)

    @property
    def bound(self) -> str:
        """The bounds in words."""
        if self.most is not None:
            return f"at most {self.most:g}"
        return f"at least {self.least:g}" if self.least is not None else ""

    def ratio(self, value: float) -> float:
        """The value over its bound."""
        bound = self.most if self.most is not None else self.least
        return value / bound if bound else 0.0


TARGETS: Final = (
    Target(key="calls.http_requests", what="HTTP requests to Graph for 500 offboardings", most=150),
    Target(key="calls.naive_http_requests", what="the same, naively", least=11_000),
    Target(key="quota.time_ratio", what="time over the floor of 5 writes a second, 1 process", most=1.10),
    Target(key="quota.share_429", what="share of operations answered 429", most=0.01),
    Target(key="quota.calls_per_success", what="reads and writes for each two that are needed", most=1.05),
    Target(key="quota.lock_p99_s", what="lock held, 99th percentile, s", most=15),
    Target(key="quota.time_ratio_4_processes", what="time over the floor, 4 processes", most=1.15),
    Target(key="quota.calls_per_success_4_processes", what="calls per success, 4 processes", most=1.05),
    Target(key="quota.time_ratio_10_processes", what="time over the floor, 10 processes", most=1.15),
    Target(key="quota.calls_per_success_10_processes", what="calls per success, 10 processes", most=1.05),
    Target(key="quota.time_ratio_neighbour", what="time over the floor that a neighbour leaves", most=1.25),
    Target(key="overhead.p50_ms", what="own CPU for a message, median, ms", most=1),
    Target(key="overhead.p99_ms", what="own CPU for a message, 99th percentile, ms", most=4),
    Target(key="overhead.messages_per_s", what="messages a second on one core, ports stubbed", least=300),
    Target(key="start.import_ms", what="import of function_app over azure.functions, ms", most=400),
    Target(key="start.own_modules_ms", what="our own modules' share of it, ms", most=35),
    Target(key="start.rss_mib", what="resident memory after 1,000 messages and more, MiB", most=120),
    Target(key="growth.per_message_ratio", what="CPU for a message, 10,000 queued over 1,000", most=1.20),
    Target(key="growth.bytes_per_device", what="bytes that a scan keeps for a device", most=1024),
)
"""Every figure of results.json, in its order."""
