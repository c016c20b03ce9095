"""What is said about alerts and telemetry, and what is deployed."""

import json
import re
from pathlib import Path

import pytest
from azure.monitor.opentelemetry import _constants as distro

from infra.checks import bicep, queries, settings
from shared import telemetry

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
ALERTS = json.loads((INFRA / "alerts.json").read_text(encoding="utf-8"))
ROW = re.compile(r"^\| `([a-z-]+)` \| (\d) \| ", re.MULTILINE)


def test_the_page_about_deploying_has_each_alert_with_its_severity() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")

    deployed = {rule["name"]: rule["severity"] for rule in (*ALERTS["metrics"], *ALERTS["queries"])}
    assert {name: int(severity) for name, severity in ROW.findall(page)} == deployed


@pytest.mark.parametrize("rule", [*ALERTS["metrics"], *ALERTS["queries"]], ids=lambda rule: rule["name"])
def test_an_alert_says_what_happened_and_looks_at_least_as_often_as_its_window(rule: dict[str, str]) -> None:
    minutes = {name: int(rule[name].removeprefix("PT").removesuffix("M")) for name in ("window", "frequency")}

    assert len(rule["why"].split()) > 10
    assert minutes["frequency"] <= minutes["window"]


def test_the_alert_about_silence_waits_for_more_than_one_beat() -> None:
    [silence] = [rule for rule in ALERTS["queries"] if rule["name"] == "no-heartbeat"]
    every = re.search(r'schedule="0 \*/(\d+) ', (ROOT / "function_app.py").read_text(encoding="utf-8"))

    assert every is not None
    assert int(silence["window"].removeprefix("PT").removesuffix("M")) >= 3 * int(every[1])


def test_dead_letters_of_every_queue_are_watched() -> None:
    [rule] = [rule for rule in ALERTS["metrics"] if rule["name"] == "dead-letters"]
    namespace = json.loads((INFRA / "servicebus.json").read_text(encoding="utf-8"))["UserConfig"]["Namespaces"][0]

    assert set(rule["queues"]) == {queue["Name"] for queue in namespace["Queues"]}


def test_every_metric_is_asked_for_by_somebody() -> None:
    asked = {name for query in queries.queries(INFRA).values() for name in queries.metrics_asked(query)}

    unasked = (telemetry.METRICS.keys() | telemetry.SPANS.keys()) - asked
    assert unasked == {telemetry.DURATION.name}, "the span tells it too; the metric is for those who sample spans"


def test_no_library_is_instrumented_whose_spans_could_name_somebody() -> None:
    off = settings.from_resources(INFRA)["OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"]

    assert set(off.split(",")) == set(distro._ALL_SUPPORTED_INSTRUMENTED_LIBRARIES)


@pytest.mark.parametrize("file", ["modules/service-bus.bicep", "modules/storage.bicep", "modules/monitoring.bicep"])
def test_every_role_is_explained_where_it_is_granted(file: str) -> None:
    lines = (INFRA / file).read_text(encoding="utf-8").splitlines()
    grants = [each for each in bicep.read(INFRA / file).resources.values() if each.type.endswith("roleAssignments")]

    unexplained = [each.symbol for each in grants if not lines[each.line - 2].startswith("//")]
    assert unexplained == []


def test_every_property_of_a_queue_is_explained_where_it_is_set() -> None:
    lines = (INFRA / "modules" / "service-bus.bicep").read_text(encoding="utf-8").splitlines()
    of_queues = [number for number, line in enumerate(lines) if ": queue.Properties." in line]

    assert len(of_queues) == 7
    assert [lines[number] for number in of_queues if not lines[number - 1].strip().startswith("//")] == []
