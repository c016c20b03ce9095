"""Every command that the page about the terminal shows is run, as it stands, on the sample tenant."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cli import hosting
from cli.demo import tenant
from cli.parts import LocalParts
from shared.settings import reading

PAGE = (hosting.app_directory() / "docs" / "terminal.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]


def test_the_commands_shown_work_one_after_the_other(tmp_path: Path) -> None:
    offboard = tmp_path / "offboard"
    offboard.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cli "$@"\n', encoding="utf-8")
    offboard.chmod(0o755)
    assert len(COMMANDS) == 5
    with LocalParts(tenant.build()) as parts:
        inherited = reading.process_environment()
        environment = {
            **inherited,
            **parts.environment(tmp_path / "journal.sqlite3"),
            "PATH": f"{tmp_path}:{inherited['PATH']}",
        }

        for command in COMMANDS:
            ended = subprocess.run(
                ["/bin/sh", "-c", command],
                check=False,
                env=environment,
                cwd=hosting.app_directory(),
                capture_output=True,
                text=True,
                timeout=90,
            )

            if ended.returncode:
                pytest.fail(f"{command}\n{ended.stdout}{ended.stderr}")
        users = [
            parts.graph.tenant.devices[tenant.identifier(name)].user_principal_name
            for name in ("adele's laptop", "adele's tablet")
        ]
    assert users == ["", ""]
