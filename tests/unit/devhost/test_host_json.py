import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from devhost import errors, host_json


def write(folder: Path, service_bus: Any) -> Path:
    path = folder / "host.json"
    path.write_text(json.dumps({"version": "2.0", "extensions": {"serviceBus": service_bus}}), encoding="utf-8")
    return path


def test_without_a_service_bus_section_the_extensions_defaults_hold(tmp_path: Path) -> None:
    path = tmp_path / "host.json"
    path.write_text('{"version": "2.0"}', encoding="utf-8")

    options = host_json.read(path)

    assert options.max_concurrent_calls == 16
    assert options.max_auto_lock_renewal == dt.timedelta(minutes=5)
    assert options.prefetch_count == 0
    assert options.auto_complete is True


def test_what_the_file_says_is_obeyed(tmp_path: Path) -> None:
    section = {
        "maxConcurrentCalls": 32,
        "maxAutoLockRenewalDuration": "00:02:30",
        "prefetchCount": 3,
        "autoCompleteMessages": False,
        "transportType": "amqpTcp",
    }

    options = host_json.read(write(tmp_path, section))

    assert options == host_json.ServiceBusOptions(
        max_concurrent_calls=32,
        max_auto_lock_renewal=dt.timedelta(minutes=2, seconds=30),
        prefetch_count=3,
        auto_complete=False,
    )


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("00:05:00", dt.timedelta(minutes=5)),
        ("1.02:00:00", dt.timedelta(days=1, hours=2)),
        ("00:00:00.8", dt.timedelta(milliseconds=800)),
        ("00:00:00.0000009", dt.timedelta()),
        ("-00:00:00.0010000", None),
    ],
)
def test_durations_are_read_as_dotnet_writes_them(written: str, means: dt.timedelta | None) -> None:
    assert host_json.timespan(written) == means


def test_what_is_no_duration_is_refused() -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        host_json.timespan("5m")


def test_a_negative_renewal_duration_means_without_end(tmp_path: Path) -> None:
    options = host_json.read(write(tmp_path, {"maxAutoLockRenewalDuration": "-00:00:00.0010000"}))

    assert options.max_auto_lock_renewal is None


def test_every_wrong_value_is_reported_at_once(tmp_path: Path) -> None:
    section = {
        "maxConcurrentCalls": 0,
        "prefetchCount": True,
        "maxAutoLockRenewalDuration": "5 minutes",
        "autoCompleteMessages": "no",
    }

    with pytest.raises(errors.InvalidConfiguration) as raised:
        host_json.read(write(tmp_path, section))

    assert [problem.partition("serviceBus.")[2].split()[0] for problem in raised.value.problems] == list(section)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("{", "is not JSON", id="not JSON"),
        pytest.param("[]", "is no object", id="a list"),
        pytest.param('{"extensions": []}', "is no object", id="extensions a list"),
        pytest.param('{"extensions": {"serviceBus": 1}}', "is no object", id="the section a number"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "host.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(errors.InvalidConfiguration, match=says):
        host_json.read(path)


def test_a_folder_without_host_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.InvalidConfiguration, match="there is no "):
        host_json.read(tmp_path / "host.json")
