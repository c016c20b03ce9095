"""Faults in the rules of alerts.json, which Bicep itself never sees."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.checks import alerts, queries
from tests.infra.planting import Fault, found


def fault(good: str, bad: str, problem: str) -> Fault:
    return Fault(check=alerts.check, file="alerts.json", good=good, bad=bad, problem=problem)


FAULTS = {
    "a metric that Service Bus has not": fault(
        '"DeadletteredMessages"',
        '"DeadLettersMessages"',
        "dead-letters: Service Bus has no metric 'DeadLettersMessages'",
    ),
    "an aggregation that there is not": fault(
        '"aggregation": "Maximum"', '"aggregation": "Max"', "timeAggregation: 'Max' is none of"
    ),
    "an aggregation that the metric has not": fault(
        '"aggregation": "Minimum"', '"aggregation": "Total"', "ScheduledMessages has no 'Total'"
    ),
    "an operator that there is not": fault('"GreaterThan"', '"Greater"', "operator: 'Greater' is none of"),
    "a dimension's operator that there is not": fault('"Include"', '"Includes"', "'Includes' is none of"),
    "a measure that the query does not produce": fault(
        '"measure": "Beats"', '"measure": "Count"', "no-heartbeat: its query produces no number 'Count'"
    ),
    "a measure that is no number": fault(
        '"measure": "Seconds"', '"measure": "queue"', "its query produces no number 'queue'"
    ),
    "a dimension that the query does not produce": fault(
        '{ "name": "queue",', '{ "name": "Queue",', "oldest-active-message: its query produces no text 'Queue'"
    ),
    "no threshold": fault('      "threshold": 900,\n', "", "oldest-active-message: threshold is missing"),
    "a threshold that is text": fault('"threshold": 900', '"threshold": "900"', "a literal string, wanted int"),
    "something that nothing takes": fault('"threshold": 900', '"treshold": 900', "treshold: nothing takes it"),
    "a window that Azure does not offer": fault(
        '"window": "PT5M"', '"window": "PT7M"', "dead-letters.properties.windowSize: 'PT7M' is none of"
    ),
    "a severity that there is not": fault('"severity": 2', '"severity": 5', "its severity is none of 0 to 4"),
}


@pytest.mark.parametrize("name", list(FAULTS))
def test_a_planted_fault_is_found(infra: Path, name: str) -> None:
    assert found(FAULTS[name], infra)


def test_a_device_list_that_is_doubted_is_told_at_its_first_attempt() -> None:
    rules = json.loads((Path(alerts.__file__).parents[1] / "alerts.json").read_text(encoding="utf-8"))
    [query] = [rule["query"] for rule in rules["queries"] if rule["name"] == "breaker-tripped"]

    assert queries.metrics_asked(query) == {"autopilot.messages.settled", "autopilot.attempts.failed"}
    assert "error) == 'SuspiciousScan'" in query


def test_a_query_in_a_group_of_the_workbook_is_looked_at(infra: Path) -> None:
    file = infra / "workbook.json"
    workbook = json.loads(file.read_text(encoding="utf-8"))
    inner: dict[str, Any] = {"type": 3, "name": "inner", "content": {"query": "AppMetrics | where Name == 'nothing'"}}
    workbook["items"].append({"type": 12, "name": "group", "content": {"items": [inner]}})
    file.write_text(json.dumps(workbook), encoding="utf-8")

    assert queries.check_names(infra) == ["workbook.json inner: telemetry emits no 'nothing'"]
