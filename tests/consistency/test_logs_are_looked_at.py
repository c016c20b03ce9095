"""The look at all logs (tests/quiet.py) can fail: a test that logs what is personal does, whatever way it takes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.personal import personal

ROOT = Path(__file__).parents[2]
PLANTED = """
import logging, subprocess, sys, threading

log = logging.getLogger("shared.planted")

def test_text(): log.debug("asked for %s", "adele.vance@" + "contoso.example")
def test_field(): log.info("asked", extra={"field_serial": "PF3" + "XK7Q9-d1"})
def test_traceback():
    try:
        raise ValueError("no such user: lea" + "ver lastname")
    except ValueError:
        log.exception("failed")
def test_library(): logging.getLogger("azure.identity").warning("Bearer " + "eyJ0eXAiOiJKV1Qi.x.y")
def test_thread():
    thread = threading.Thread(target=lambda: log.info('{"user":' + ' {}}'))
    thread.start(); thread.join()
def test_file(tmp_path): (tmp_path / "host.log").write_text("SharedAccess" + "Key=abc")
def test_process(): subprocess.run([sys.executable, "-c", "import sys; sys.stderr.write('SN-' + '12')"], check=True)
def test_silent(): log.info("message.settled message_id=%s", "m-1")
def test_library_at_info(): logging.getLogger("azure.identity").info("%s", "adele.vance@" + "contoso.example")
"""


def test_a_test_that_logs_something_personal_fails_and_one_that_does_not_passes(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(
        "from tests.quiet import pytest_runtest_makereport, quiet, watch", encoding="utf-8"
    )
    (tmp_path / "test_planted.py").write_text(PLANTED, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "test_planted.py",
        "-q",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
        "-rEF",
    ]

    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # noqa: TID251 - the environment of a process of its own
        capture_output=True,
        text=True,
        check=False,
    )

    summary = [line for line in ran.stdout.splitlines() if line.startswith(("ERROR test_", "FAILED test_"))]
    failed = {line.split()[1].partition("::")[2] for line in summary}
    ways = ("text", "field", "traceback", "library", "thread", "file", "process")
    assert failed == {f"test_{way}" for way in ways}, ran.stdout
    assert "1 failed, 8 passed, 6 errors" in ran.stdout


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("x adele.vance@contoso.example", "a user principal name"),
        ("no o'neil@contoso.com here", "a user principal name"),
        ("Leaver.Lastname", "somebody's name"),
        ("contains PF3XK7Q9-d1", "a serial number"),
        ("contains pf-1", "a serial number"),
        ("Authorization: Bearer x", "a token"),
        ("Endpoint=sb://x;SharedAccessKeyName=n;SharedAccessKey=k", "a key"),
        ('{"device": {"serialNumber": "x"}}', "a body"),
    ],
)
def test_what_is_personal_is_known_by_its_form(text: str, what: str) -> None:
    assert what in personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "message.failed text=$.user.userPrincipalName: must be a user principal name, such as name@contoso.com",
        "graph answered 429, TooManyRequests, request 0b1c2d3e-1111-2222-3333-444455556666",
        "message.decoded message_id=HR-1041 about=9f86d081884c7d65",
    ],
)
def test_what_is_not_is_left_alone(text: str) -> None:
    assert personal(text) == []
