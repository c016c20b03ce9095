"""Every command that a document or a help text shows is run, as it stands there, on emulated services."""

import json
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from azure.servicebus import ServiceBusClient
from typer.testing import CliRunner

from cli import main
from cli.commands import examples
from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.graph.tenant import Device, Tenant
from shared.domain.device import AutopilotDevice
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber, UserPrincipalName
from shared.servicebus.dead_letter_queue import SUBQUEUE
from shared.settings import reading
from shared.settings.fields import TABLE
from tests.integration.cli.dlq.conftest import LEAVER, MALFORMED, Gravedigger
from tests.integration.cli.recorded import ended, unassigned, write

ROOT = Path(__file__).parents[3]
PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "infra").rglob("*.md")]
    if "node_modules" not in path.parts
)
FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^(?:echo .*\| )?(?:\.venv/bin/|~/\.offboard/bin/)?offboard .*$", re.MULTILINE)
type MakeReal = Callable[[str, str], str]

ELSEWHERE = {"up", "host", "demo"}
"""What runs until it is stopped, and the demonstration: test_up, tests/e2e, test_demo."""

DEVICES = [
    Device(id=each, serial_number=serial, user_principal_name=user, addressable_user_name="Adele")
    for each, serial, user in (
        ("1e996c8b-3220-5ef8-b9f3-e362655549f8", "SN-1", "adele.vance@contoso.example"),
        ("7e960c57-df96-5dff-bdfe-d3a325a93aec", "S-2", "adele.vance@contoso.example"),
        ("0a0c0a57-df96-5dff-bdfe-d3a325a93aec", "5CG1234XYZ", ""),
    )
]


def commands() -> Iterator[tuple[str, str]]:
    """Where it is shown, and the command with what follows it on its line."""
    for page in PAGES:
        for block in FENCED.findall(page.read_text(encoding="utf-8")):
            for command in SHOWN.findall(block):
                yield page.relative_to(ROOT).as_posix(), command
    for name, shown in examples.OF.items():
        yield from ((f"{name} --help", command) for command in shown)


def subcommand(line: str) -> str:
    """What is called: the word after `offboard`."""
    return line.partition("offboard ")[2].split()[0]


RUN = [(where, line) for where, line in commands() if subcommand(line) not in ELSEWHERE]


@pytest.fixture(scope="module")
def site() -> Iterator[LocalParts]:
    with LocalParts(Tenant(DEVICES)) as parts:
        yield parts


@pytest.fixture(scope="module")
def bury(site: LocalParts) -> Iterator[Gravedigger]:
    with ServiceBusClient.from_connection_string(site.service_bus.connection_string) as client:
        yield Gravedigger(client)


@pytest.fixture
def settings(site: LocalParts, tmp_path: Path) -> Mapping[str, str]:
    """Those that the documents have the reader export, with an editor that corrects everything."""
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\necho '{json.dumps(LEAVER)}' > \"$1\"\n", encoding="utf-8")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    return {**site.environment(tmp_path / "journal.sqlite3"), "EDITOR": str(editor)}


@pytest.fixture(autouse=True)
def _what_the_reader_has(site: LocalParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files and the folders that the commands name, and a journal with the event that they ask about."""
    monkeypatch.chdir(tmp_path)
    for folder in ("docs", "shared"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "leavers.csv").write_bytes((ROOT / "docs" / "samples" / "leavers.csv").read_bytes())
    (tmp_path / "message.json").write_bytes((ROOT / "docs" / "samples" / "bamboohr.json").read_bytes())
    (tmp_path / "devices.json").write_text(json.dumps({"value": [{"id": DEVICES[1].id}]}), encoding="utf-8")
    (tmp_path / "corrected.json").write_text(json.dumps(LEAVER), encoding="utf-8")
    seen = AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId(DEVICES[2].id),
        serial_number=SerialNumber("5CG1234XYZ"),
        user_principal_name=UserPrincipalName("adele.vance@contoso.com"),
        addressable_user_name="Adele",
    )
    anna = AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId("a"), user_principal_name=UserPrincipalName("anna@contoso.com")
    )
    event = "user.offboarded:HR-1041"
    write(tmp_path / "journal.sqlite3", *unassigned(seen, event), *unassigned(anna, "user.offboarded:HR-1"))
    write(tmp_path / "journal.sqlite3", ended(event, ticket="HR-1041"))
    site.graph.tenant.devices[DEVICES[2].id].user_principal_name = ""


@pytest.fixture
def real_one(site: LocalParts, bury: Gravedigger) -> MakeReal:
    """`real_one(line, name)`: with a number and an event id that there are, and a dead letter for it to work on."""

    def make(line: str, name: str) -> str:
        if " dlq " in line and " dlq list" not in line:
            reason = "GraphPermissionDenied" if "GraphPermissionDenied" in line else "InvalidMessage"
            bury(name, LEAVER if reason == "GraphPermissionDenied" else MALFORMED, reason=reason)
            dead = site.service_bus.snapshot(USER_OFFBOARDING + SUBQUEUE).active
            line = line.replace(" 17", f" {max(each.sequence_number for each in dead)}")
        return line.replace("EVENT_ID", "HR-1041").replace(".venv/bin/offboard", "offboard")

    return make


def in_a_shell(line: str, folder: Path, settings: Mapping[str, str]) -> tuple[int, str, str]:
    """A line with a pipe, or with a file as its input."""
    script = folder / "bin" / "offboard"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cli "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    inherited = reading.process_environment()
    environment = {**inherited, **settings, "PYTHONPATH": str(ROOT), "PATH": f"{script.parent}:{inherited['PATH']}"}
    ended = subprocess.run(
        ["/bin/sh", "-c", line], env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=90
    )
    return ended.returncode, ended.stdout, ended.stderr


def called(line: str, settings: Mapping[str, str]) -> tuple[int, str, str]:
    others = {each.name for each in TABLE.values()} & reading.process_environment().keys()
    _, *arguments = shlex.split(line, comments=True)
    environment = {**dict.fromkeys(others), **settings}
    result = CliRunner().invoke(main.app, arguments, input="y\n", env=environment)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(("where", "line"), RUN, ids=[f"{where}: {line[:60]}" for where, line in RUN])
def test_a_command_that_is_shown_does_its_work(
    settings: Mapping[str, str], tmp_path: Path, real_one: MakeReal, where: str, line: str
) -> None:
    real = real_one(line, f"shown-{RUN.index((where, line))}")

    if "|" in real or "<" in real:
        code, told, wrong = in_a_shell(real, tmp_path, settings)
    else:
        code, told, wrong = called(real, settings)

    assert (code, told != "") == (0, True), f"{real}\n{told}{wrong}"


def test_all_documents_are_looked_through() -> None:
    found = {(where, subcommand(line)) for where, line in RUN}

    assert {where for where, _ in found} >= {
        "README.md",
        "docs/csv.md",
        "docs/deploy.md",
        "docs/mapping.md",
        "docs/messages.md",
        "docs/operating.md",
        "docs/terminal.md",
    }
    assert {command for _, command in found} | ELSEWHERE == set(typer.main.get_group(main.app).commands)


INLINE = [
    (page.relative_to(ROOT).as_posix(), text)
    for page in PAGES
    for text in re.findall(r"`(?:\w+=\S+ )?offboard ([^`]+)`", page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("page", "text"), INLINE, ids=[f"{page}: {text[:50]}" for page, text in INLINE])
def test_a_command_in_a_sentence_has_the_words_and_options_that_there_are(page: str, text: str) -> None:
    command: Any = typer.main.get_command(main.app)
    words = text.split()
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}

    assert command.name != "offboard" or words[0].startswith("--"), f"no command: {text}"
    assert {word for word in words if word.startswith("--")} <= known
