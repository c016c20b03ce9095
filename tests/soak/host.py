"""The same of a real host: a process of its own over real sockets, its memory and open files as messages go through it.

The messages are leavers: decoded, journalled, looked for in the list, reported, settled, and looked at once more. One in four has a
device, which is unassigned and read again; more would wait for Graph's quota.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from benchmarks import machine
from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION, USER_OFFBOARDING, VERIFICATION, LocalParts
from emulators.graph.tenant import Device, Tenant
from tests.e2e.site import Site
from tests.soak.soaking import MOST_MIB

AT_ONCE: Final = 100
_ONE_IN: Final = 4
"""So many leavers have one device."""
_PATIENCE_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFigures:
    """Of the host, at a moment at which nothing is in hand."""

    messages: int
    rss_mib: float
    open_files: int
    threads: int
    sockets: int

    def __str__(self) -> str:
        return (
            f"{self.messages:>8} messages  RSS {self.rss_mib:7.1f} MiB  {self.open_files} open files  "
            f"{self.threads} threads  {self.sockets} sockets"
        )


def soak(folder: Path, *, messages: int, each: int, tell: Callable[[HostFigures], None]) -> list[HostFigures]:
    """Send them, `each` at a time, and read the figures whenever so many have ended and were looked at."""
    figures: list[HostFigures] = []
    parts = LocalParts(Tenant(_devices(messages)))
    with Site(folder, parts=parts, VERIFY_AFTER="5s", DIRECTORY_MAX_AGE="10s", BLAST_RADIUS_PER_HOUR="1000000") as site:
        host = psutil.Process(site.start_host().pid)
        for first in range(0, messages, each):
            _send(site, range(first, first + each))
            _wait(site, 2 * (first + each))
            rss, files = machine.resident_mib(host.pid), host.num_fds()
            figures.append(
                HostFigures(
                    messages=first + each,
                    rss_mib=rss,
                    open_files=files,
                    threads=host.num_threads(),
                    sockets=len(host.net_connections()),
                )
            )
            tell(figures[-1])
        _all_are_clear(site)
    return figures


def too_much(figures: Sequence[HostFigures]) -> Iterator[str]:
    """What has grown since a fifth of the messages, which is the warm-up; of what comes and goes, the least since the half."""
    first, last, late = figures[len(figures) // 5], figures[-1], figures[len(figures) // 2 :]
    if last.rss_mib - first.rss_mib > MOST_MIB:
        yield f"the host's RSS grew by {last.rss_mib - first.rss_mib:.1f} MiB"
    grown = {
        "open files": min(each.open_files for each in late) - first.open_files,
        "threads": min(each.threads for each in late) - first.threads,
        "sockets": min(each.sockets for each in late) - first.sockets,
    }
    yield from (f"the host has {number} {what} more" for what, number in grown.items() if number > 0)


def _devices(messages: int) -> list[Device]:
    """One for each fourth leaver."""
    return [
        Device(
            id=f"7e8d0f4c-0000-4000-8000-{number:012}", serial_number=f"SN{number}", user_principal_name=_user(number)
        )
        for number in range(0, messages, _ONE_IN)
    ]


def _user(number: int) -> str:
    return f"leaver{number}@contoso.example"


def _all_are_clear(site: Site) -> None:
    left = [device for device in site.graph.tenant.devices.values() if device.user_principal_name]
    if left:
        raise ValueError(f"{len(left)} devices name somebody yet")


def _send(site: Site, numbers: range) -> None:
    with (
        ServiceBusClient.from_connection_string(site.service_bus.connection_string) as client,
        client.get_queue_sender(USER_OFFBOARDING) as sender,
    ):
        for first in numbers[::AT_ONCE]:
            some = range(first, min(first + AT_ONCE, numbers.stop))
            bodies = {f"e{number}": {"user": {"userPrincipalName": _user(number)}} for number in some}
            sender.send_messages([ServiceBusMessage(json.dumps(body), message_id=id_) for id_, body in bodies.items()])


def _wait(site: Site, outcomes: int) -> None:
    """Until so many outcomes are published, and nothing waits to be looked at."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    topic = f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}"
    while len(site.service_bus.snapshot(topic).active) < outcomes or site.service_bus.snapshot(VERIFICATION).locked:
        if time.monotonic() > give_up:
            raise TimeoutError(f"not {outcomes} outcomes within {_PATIENCE_SECONDS} s: {site.log.read_text()[-2000:]}")
        time.sleep(0.5)
