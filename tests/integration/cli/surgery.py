"""Emulated services for the doctor to look at, and the command as somebody calls it."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from cli import main
from cli.demo import tenant
from cli.parts import LocalParts
from emulators.clock import ManualClock, SystemClock
from emulators.graph.emulator import GraphEmulator
from emulators.identity.emulator import IdentityEmulator
from shared.settings import reading
from shared.settings.fields import TABLE

WRITE = "DeviceManagementServiceConfig.ReadWrite.All"
NOWHERE = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=Z2VoZWlt;UseDevelopmentEmulator=true;"


class Surgery:
    """`examine()` calls the command; settings given here win, and None takes one away."""

    def __init__(self, parts: LocalParts, journal: Path) -> None:
        self.parts = parts
        self.journal = journal

    def call(self, *arguments: str, **settings: str | None) -> Result:
        ours = {each.name for each in TABLE.values()} & reading.process_environment().keys()
        environment = {**dict.fromkeys(ours), **self.parts.environment(self.journal), **settings}
        return CliRunner().invoke(main.app, ["doctor", *arguments], env=environment)

    def examine(self, **settings: str | None) -> tuple[int, dict[str, Any]]:
        """The exit code, and of each check what is not well: status, finding and mend."""
        result = self.call("--json", **settings)
        assert result.stderr == ""
        wrong: dict[str, Any] = {}
        for each in json.loads(result.stdout)["checks"]:
            if each["status"] != "ok":
                assert each["mend"]
                wrong.setdefault(each["check"], []).append((each["status"], each["finding"]))
        return result.exit_code, wrong


@contextmanager
def opened(folder: Path, *, roles: tuple[str, ...] = (WRITE,), ahead: timedelta = timedelta(0)) -> Iterator[Surgery]:
    parts = LocalParts(tenant.build())
    parts.identity = IdentityEmulator(roles=roles)
    parts.graph = GraphEmulator(tenant.build(), clock=ManualClock(SystemClock().now() + ahead))
    with ExitStack() as stack:
        yield Surgery(stack.enter_context(parts), folder / "journal.sqlite3")
