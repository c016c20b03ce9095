"""An engineer's desk: an emulated Graph and identity endpoint, and nothing that leads to Service Bus."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from cli import main
from emulators.graph.emulator import GraphEmulator
from emulators.identity.emulator import IdentityEmulator
from shared.settings import reading
from shared.settings.fields import TABLE

D1, D2 = "1e996c8b-3220-5ef8-b9f3-e362655549f8", "7e960c57-df96-5dff-bdfe-d3a325a93aec"
GONE = "00000000-0000-4000-8000-000000000000"
ADELE = "adele.vance@contoso.example"


class Desk:
    """An engineer's desk: `unassign(…)` calls the command."""

    def __init__(self, graph: GraphEmulator, identity: IdentityEmulator, journal: Path) -> None:
        self.graph = graph
        self.journal = journal
        self.settings = {"GRAPH_ENDPOINT": graph.endpoint, **identity.environment}

    def unassign(self, *arguments: str, typed: str | bytes = "", **settings: str) -> Result:
        ours = {each.name for each in TABLE.values()} & reading.process_environment().keys()
        environment = {**dict.fromkeys(ours), **self.settings, **settings}
        return CliRunner().invoke(main.app, ["unassign", *arguments], input=typed, env=environment)

    @property
    def posts(self) -> list[str]:
        return [f"{call.api_version} {call.path}" for call in self.graph.calls if call.method == "POST"]

    def user(self, device: str) -> str | None:
        return self.graph.tenant.devices[device].user_principal_name


def lines(result: Result) -> list[tuple[str, str]]:
    return [(each["autopilotDeviceId"], each["outcome"]) for each in json.loads(result.stdout)["devices"]]
