"""The demo itself: start everything, send the script, watch, print what came of it, compare, stop."""

import asyncio
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from rich.console import Console
from rich.live import Live

from cli import output
from cli.demo import script, tables, tenant, watching
from cli.demo.script import Step
from cli.demo.watching import Seen
from cli.exit_codes import Exit
from cli.host_process import HostFailed, HostProcess
from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, LocalParts
from emulators.graph import faults

_PATIENCE: Final = timedelta(seconds=50)
_LOOK_EVERY: Final = 0.25
_WHOLE_LIST: Final = re.compile(r"/windowsAutopilotDeviceIdentities$")
"""The scan; not the search for a serial number, which may come first."""
_SETTINGS: Final = {"RETRY_FIRST_DELAY": "1s", "LOG_HASH_KEY": "only-for-the-demonstration"}


def run(script_of: Callable[[str], Sequence[Step]] = script.steps) -> int:
    """Show the whole; 0 if everything came as the script says, else 1."""
    console = output.console()
    with tempfile.TemporaryDirectory(prefix="offboard-demo-") as folder, LocalParts(tenant.build()) as parts:
        _script_faults(parts)
        settings = {**parts.environment(Path(folder) / "journal.sqlite3"), **_SETTINGS}
        console.print(
            f"Emulated Service Bus, Graph ({len(parts.graph.tenant.devices)} Autopilot devices) and identity: running."
        )
        try:
            with HostProcess(settings, Path(folder) / "host.log"):
                console.print("The functions, on the real worker library: ready.\n")
                effective_at = (datetime.now(UTC) + script.EFFECTIVE_IN).isoformat(timespec="seconds")  # noqa: TID251
                steps = script_of(effective_at)
                asyncio.run(_send(parts, steps))
                seen = _watch(parts, steps, console)
        except HostFailed as error:
            console.print(str(error), style="red")
            return Exit.SOME_FAILED
        return _report(parts, seen, console)


def _script_faults(parts: LocalParts) -> None:
    """Two devices change hands between the scan and the read; one unassignment is throttled."""
    rules = parts.graph.faults
    rules.add(
        faults.When(path=_WHOLE_LIST, last=1),
        faults.Reassign(tenant.identifier("adele's tablet"), tenant.user("new.hire")),
        faults.Reassign(tenant.identifier("adele's old laptop"), ""),
    )
    throttled = f"{tenant.identifier("diego's laptop")}{faults.UNASSIGN_USER}"
    rules.add(faults.When(method="POST", path=throttled, last=1), faults.Status(429, headers={"Retry-After": "2"}))


async def _send(parts: LocalParts, steps: Sequence[Step]) -> None:
    async with (
        ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client,
        client.get_queue_sender(USER_OFFBOARDING) as offboarding,
        client.get_queue_sender(DEVICE_RETIREMENT) as retirement,
    ):
        senders = {USER_OFFBOARDING: offboarding, DEVICE_RETIREMENT: retirement}
        for step in steps:
            await senders[step.queue].send_messages(ServiceBusMessage(step.body, message_id=step.message_id))


def _watch(parts: LocalParts, steps: Sequence[Step], console: Console) -> list[Seen]:
    """A table that lives until every message has ended, or patience has."""
    deadline = time.monotonic() + _PATIENCE.total_seconds()
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        while True:
            seen = watching.look(parts.service_bus, steps)
            live.update(tables.messages_so_far(seen, console.width))
            if all(each.final for each in seen) or time.monotonic() > deadline:
                return seen
            time.sleep(_LOOK_EVERY)


def _report(parts: LocalParts, seen: Sequence[Seen], console: Console) -> int:
    output.put(console, tables.messages(seen, console.width))
    console.print()
    output.put(console, tables.devices(seen, console.width))
    calls = parts.graph.calls
    unassigned = [call for call in calls if call.method == "POST" and call.status == 204]
    scans = [call for call in calls if faults.LIST.search(call.path)]
    console.print(
        f"\nGraph was asked {len(calls)} times: {len(scans)} lists, {len(unassigned)} unassignments accepted, "
        f"{sum(call.status == 429 for call in calls)} throttled."
    )
    wrong = [(each.step.message_id, text) for each in seen for text in each.differences()]
    wrong += _untouched(parts, seen)
    for message_id, text in wrong:
        console.print(f"not as expected: {message_id}: {text}", style="red")
    if wrong:
        return Exit.SOME_FAILED
    console.print("Every message ended, and every device was left, as the sample says.", style="green")
    return Exit.DONE


def _untouched(parts: LocalParts, seen: Sequence[Seen]) -> list[tuple[str, str]]:
    """The devices whose user differs from before although no outcome says so, and the other way round."""
    reported = {device for each in seen for device, outcome in each.outcomes().items() if outcome == "unassigned"}
    expected = tenant.build().devices
    changed = {tenant.identifier("adele's tablet"), tenant.identifier("adele's old laptop")}
    return [
        (device.display_name or device.id, f"names {device.user_principal_name or 'nobody'}")
        for device in parts.graph.tenant.devices.values()
        if device.id not in changed
        and device.user_principal_name != ("" if device.id in reported else expected[device.id].user_principal_name)
    ]
