"""What a whole host emits: the metrics and spans that alerts and the workbook ask for, and nobody's name."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.host_process import HostProcess
from cli.parts import USER_OFFBOARDING
from emulators.graph import faults
from infra.checks import queries
from shared import telemetry
from tests.e2e.people import PRIVATE
from tests.e2e.site import SETTINGS, Site

INFRA = Path(__file__).parents[2] / "infra"
VERIFICATION = "unassignment-verification"
SENDERS = "0af7651916cd43dd8448eb211c80319c"


@dataclass(frozen=True)
class Emitted:
    """What one run emitted."""

    points: list[dict[str, Any]]
    spans: list[dict[str, Any]]

    def names(self) -> set[str]:
        return {each["name"] for each in (*self.points, *self.spans)}

    def sum(self, name: str, **attributes: str) -> float:
        return sum(
            float(point["value"])
            for point in self.points
            if point["name"] == name and attributes.items() <= point["attributes"].items()
        )


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Emitted:
    """A run with a leaver, a retired device that Graph throttles once, and a message that is no event."""
    folder = tmp_path_factory.mktemp("telemetry")
    with Site(folder) as site:
        environment = {**site.parts.environment(site.journal), **SETTINGS, "VERIFICATION_QUEUE": VERIFICATION}
        command = (sys.executable, "-m", "tests.e2e.telemetry_host", str(folder / "emitted.json"))
        leaver, retired = site.people.take(devices=3), site.people.take()
        with HostProcess(environment, site.log, command=command):
            body = json.dumps({"user": {"userPrincipalName": leaver.name}}).encode()
            site.end(site.send(USER_OFFBOARDING, body, traceparent=f"00-{SENDERS}-b7ad6b7169203331-01"))
            refusal = faults.Status(429, headers={"Retry-After": "1"})
            site.graph.faults.add(faults.When(method="POST", path=faults.UNASSIGN_USER, last=1), refusal)
            site.end(site.retired(retired.device))
            site.end(site.send(USER_OFFBOARDING, b"no event"))
    document = json.loads((folder / "emitted.json").read_text(encoding="utf-8"))
    return Emitted(document["points"], document["spans"])


def test_a_run_emits_every_metric_and_span_that_alerts_and_the_workbook_ask_for(emitted: Emitted) -> None:
    asked = {name for query in queries.queries(INFRA).values() for name in queries.metrics_asked(query)}

    assert asked
    assert asked <= emitted.names()


def test_a_run_emits_all_that_is_declared_and_nothing_else(emitted: Emitted) -> None:
    ours = {name for name in emitted.names() if name.startswith("autopilot.")}

    assert ours == telemetry.METRICS.keys() | telemetry.SPANS.keys()


def test_each_metric_has_the_attributes_that_it_declares_and_no_other(emitted: Emitted) -> None:
    declared = {name: set(metric.attributes) for name, metric in telemetry.METRICS.items()}

    for each in emitted.points:
        if each["name"] in declared:
            assert set(each["attributes"]) == declared[each["name"]]


@pytest.mark.parametrize("name", sorted(telemetry.SPANS))
def test_a_span_has_the_attributes_that_it_declares_and_no_other(emitted: Emitted, name: str) -> None:
    had = [set(span["attributes"]) for span in emitted.spans if span["name"] == name]

    assert set(telemetry.SPANS[name]) in had
    assert set().union(*had) == set(telemetry.SPANS[name])  # one whose lock was lost has no settlement


def test_what_happened_can_be_read_from_it(emitted: Emitted) -> None:
    assert emitted.sum("autopilot.devices", outcome="unassigned") == 4
    assert emitted.sum("autopilot.messages.settled", settlement="DeadLetter", reason="InvalidMessage") == 1
    assert emitted.sum("autopilot.graph.calls", operation="write", status="429") == 1
    assert emitted.sum("autopilot.graph.calls", operation="write", status="204") == 4
    assert emitted.sum("autopilot.attempts.failed", error="GraphThrottled") == 1
    assert emitted.sum("autopilot.heartbeat") == 1


def test_a_senders_trace_is_linked(emitted: Emitted) -> None:
    links = [link["context"]["trace_id"] for span in emitted.spans for link in span["links"]]

    assert f"0x{SENDERS}" in links


def test_nobody_is_named(emitted: Emitted) -> None:
    text = json.dumps([emitted.points, emitted.spans]).casefold()

    assert PRIVATE.casefold() not in text


@pytest.mark.parametrize("name", sorted(telemetry.METRICS))
def test_a_metric_has_few_series(emitted: Emitted, name: str) -> None:
    assert len([point for point in emitted.points if point["name"] == name]) <= 10
