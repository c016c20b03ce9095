"""What Application Insights is sent: the real exporter, set up by the worker library with the app settings of the deployment."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cli.host_process import HostProcess
from infra.checks import queries, settings
from shared import telemetry
from tests.e2e.ingestion import Ingestion
from tests.e2e.people import PRIVATE, serial_number
from tests.e2e.site import SETTINGS, Site

INFRA = Path(__file__).parents[2] / "infra"
SENDERS = "0af7651916cd43dd8448eb211c80319c"
TABLES = {"AppRequests": "RequestData", "AppDependencies": "RemoteDependencyData"}
KIOTA = {"convert_to_native_async", "get_request_from_request_information", "get_authorization_token"}
ABOUT_URLS = {"url.uri_template", "com.microsoft.kiota.authentication.is_url_valid"}
HERE = {
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "OTEL_METRIC_EXPORT_INTERVAL": "500",  # milliseconds: many exports in one run
    "OTEL_TRACES_SAMPLER": "microsoft.fixed_percentage",  # else it leaves spans out where many come in a second
    "OTEL_TRACES_SAMPLER_ARG": "1.0",
}
"""What keeps the exporter on loopback, and what makes a short run tell all."""


def as_deployed() -> dict[str, str]:
    """The app settings about telemetry, as Bicep has them; but for the sign-in, which the exporter does over TLS only."""
    given = settings.from_resources(INFRA)
    return {name: given[name] for name in given if name.startswith(("OTEL_", "PYTHON_APPLICATIONINSIGHTS_"))}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Ingestion:
    """What a run sent until its end: a leaver of three devices, a device by its serial number, a leaver by object id."""
    folder = tmp_path_factory.mktemp("insights")
    with Ingestion() as ingestion, Site(folder) as site:
        environment = {
            **site.parts.environment(site.journal),
            **SETTINGS,
            **as_deployed(),
            **HERE,
            "APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string,
            "RESOLVE_USERS": "true",
            "TMPDIR": str(folder),  # where the exporter keeps what it could not send
        }
        leaver, retired, known_by_id = site.people.take(devices=3), site.people.take(), site.people.take()
        with HostProcess(environment, site.log):
            body = {"user": {"userPrincipalName": leaver.name}}
            site.end(site.send("user-offboarding", body, traceparent=f"00-{SENDERS}-b7ad6b7169203331-01"))
            site.end(site.retired(device={"serialNumber": serial_number(retired.device)}))
            site.end(site.send("user-offboarding", {"user": {"id": known_by_id.user_object_id}}))
    return ingestion


def points(sent: Ingestion, name: str, **attributes: str) -> list[dict[str, Any]]:
    found = [(metric, data["properties"]) for data in sent.of("MetricData") for metric in data["metrics"]]
    return [
        metric for metric, properties in found if metric["name"] == name and attributes.items() <= properties.items()
    ]


def test_counts_are_sums_of_what_is_new_as_the_queries_add_them_up(sent: Ingestion) -> None:
    beats, devices = points(sent, "autopilot.heartbeat"), points(sent, "autopilot.devices", outcome="unassigned")

    assert sum(point["value"] for point in beats) == 1, "it was exported many times, and beat once"
    assert sum(point["value"] for point in devices) >= 5


def test_a_histogram_tells_how_many_it_stands_for_so_that_a_mean_can_be_made(sent: Ingestion) -> None:
    ages = points(sent, "autopilot.outcome.age", stage="completed")

    assert sum(point["count"] for point in ages) >= 3
    assert all(0 <= point["min"] <= point["max"] <= point["value"] for point in ages)


def test_a_metric_has_its_attributes_as_properties_and_no_other(sent: Ingestion) -> None:
    for data in sent.of("MetricData"):
        for metric in data["metrics"]:
            if metric["name"].startswith("autopilot."):
                assert set(data["properties"]) == set(telemetry.METRICS[metric["name"]].attributes)


def test_each_span_lands_in_the_table_that_the_workbook_asks(sent: Ingestion) -> None:
    text = "\n".join(queries.queries(INFRA).values())
    asked = re.findall(r"(AppRequests|AppDependencies) \| where Name == '([^']+)'", text)

    assert {name for _, name in asked} == telemetry.SPANS.keys()
    for table, name in asked:
        assert name in {data["name"] for data in sent.of(TABLES[table])}


def test_a_senders_trace_is_linked_where_the_portal_looks_for_it(sent: Ingestion) -> None:
    links = [json.loads(data["properties"].get("_MS.links", "[]")) for data in sent.of("RequestData")]

    assert [{"operation_Id": SENDERS, "id": "b7ad6b7169203331"}] in links


def test_of_the_libraries_only_graphs_sends_spans_and_these_have_a_template_for_the_url(sent: Ingestion) -> None:
    spans = [data for kind in TABLES.values() for data in sent.of(kind)]
    others = [data for data in spans if data["name"] not in telemetry.SPANS]

    assert {data["name"].partition(" - ")[0] for data in others} == KIOTA
    assert {name for data in others for name in data["properties"] if "url" in name.casefold()} == ABOUT_URLS
    assert all(data["name"].partition(" - ")[2].startswith("{+baseurl}/") for data in others if " - " in data["name"])


def test_the_log_goes_along_and_nobody_is_named_in_anything(sent: Ingestion) -> None:
    assert [data for data in sent.of("MessageData") if data["message"].startswith("message.settled ")]
    assert PRIVATE.casefold() not in json.dumps(sent.envelopes).casefold()
