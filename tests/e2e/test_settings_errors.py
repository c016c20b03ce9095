import subprocess
import sys
from collections.abc import Mapping

import pytest

from cli import hosting
from shared.settings import reading
from shared.settings.fields import TABLE

GOOD = {
    "ServiceBusConnection": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=c2VjcmV0;UseDevelopmentEmulator=true;",
    "USER_OFFBOARDING_QUEUE": "user-offboarding",
    "DEVICE_RETIREMENT_QUEUE": "device-retirement",
    "VERIFICATION_QUEUE": "unassignment-verification",
    "OUTCOMES_TOPIC": "unassignment-outcomes",
    "GRAPH_ENDPOINT": "http://127.0.0.1:1",
    "JOURNAL_URL": "sqlite:///never-made.sqlite3",
}
MISSING = (
    "ServiceBusConnection",
    "USER_OFFBOARDING_QUEUE",
    "DEVICE_RETIREMENT_QUEUE",
    "VERIFICATION_QUEUE",
    "OUTCOMES_TOPIC",
)


def host(settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    ours = {setting.name for setting in TABLE.values()}
    inherited = {name: value for name, value in reading.process_environment().items() if name not in ours}
    return subprocess.run(
        [sys.executable, "-m", "cli", "host"],
        cwd=hosting.app_directory(),
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def assert_refused(run: subprocess.CompletedProcess[str], problems: int) -> list[str]:
    """One block with a heading and a line for each problem, and nothing else."""
    heading, *lines = run.stderr.splitlines()
    assert run.returncode == 2
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    assert heading == ("one setting needs mending:" if problems == 1 else f"{problems} settings need mending:")
    assert [line[:2] for line in lines] == ["  "] * problems
    return [line.split()[0] for line in lines]


def test_every_wrong_setting_is_listed_at_once_and_no_value_is_shown() -> None:
    wrong = {
        "GRAPH_ENDPOINT": "https://graph.geheim.example",
        "JOURNAL_URL": "postgres://geheim",
        "RETRY_FIRST_DELAY": "geheim",
        "MAX_DELIVERY_COUNT": "0",
        "DRY_RUN": "geheim",
        "LOG_HASH_KEY": "geheim",
    }

    run = host(GOOD | wrong)

    assert sorted(assert_refused(run, 6)) == sorted(wrong)
    assert "geheim" not in run.stderr


def test_every_missing_setting_is_listed_at_once() -> None:
    run = host({name: value for name, value in GOOD.items() if name not in MISSING})

    assert sorted(assert_refused(run, 5)) == sorted(MISSING)


@pytest.mark.parametrize("name", ["DRYRUN", "Dry_Run", "dry-run"])
def test_a_misspelt_dry_run_stops_the_start(name: str) -> None:
    run = host(GOOD | {name: "true"})

    assert assert_refused(run, 1) == [name]
    assert "DRY_RUN" in run.stderr
