"""The whole service in real time: emulated services here, the real host in a process of its own. Knows no figures."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from azure.servicebus import ServiceBusClient, ServiceBusMessage

from benchmarks import machine
from cli.host_process import HostProcess
from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION, USER_OFFBOARDING, LocalParts
from emulators.graph.tenant import Tenant

PATIENCE_SECONDS: Final = 600.0
_AT_ONCE: Final = 100
_SETTINGS: Final = {"BLAST_RADIUS_PER_HOUR": "1000"}  # the usual 200 would stop 500 leavers, as it should


class Site:
    """Service Bus, Graph (with Intune's quota) and identity on loopback, and `offboard host` between them."""

    def __init__(self, tenant: Tenant, folder: Path) -> None:
        self.parts = LocalParts(tenant)
        self._folder = folder
        self._host: HostProcess | None = None

    def __enter__(self) -> Self:
        self.parts.__enter__()
        try:
            settings = self.parts.environment(self._folder / "journal.sqlite3")
            self._host = HostProcess({**settings, **_SETTINGS}, self._folder / "host.log")
            self._host.start()
        except BaseException:
            self.parts.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._host is not None:
                self._host.stop()
        finally:
            self.parts.stop()

    def offboard(self, users: Iterable[str], event_ids: Iterable[str]) -> float:
        """Send `user.offboarded` for each, and wait for as many outcomes; the seconds that took."""
        messages = [
            ServiceBusMessage(json.dumps({"user": {"userPrincipalName": user}}).encode(), message_id=event_id)
            for user, event_id in zip(users, event_ids, strict=False)
        ]
        wanted = self._published() + len(messages)
        begun = time.perf_counter()
        with (
            ServiceBusClient.from_connection_string(self.parts.service_bus.connection_string) as client,
            client.get_queue_sender(USER_OFFBOARDING) as sender,
        ):
            for first in range(0, len(messages), _AT_ONCE):
                sender.send_messages(messages[first : first + _AT_ONCE])
        while self._published() < wanted:
            if time.perf_counter() - begun > PATIENCE_SECONDS:
                raise TimeoutError(f"{wanted - self._published()} messages have no outcome")
            time.sleep(0.1)
        return time.perf_counter() - begun

    def outcomes(self) -> Mapping[str, int]:
        """How many messages ended how."""
        return Counter(data["outcome"] for data in self._reports())

    def resident_mib(self) -> float:
        """The host's memory."""
        if self._host is None:
            raise RuntimeError("the host was not started")
        return machine.resident_mib(self._host.pid)

    def _published(self) -> int:
        return len(self.parts.service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}").active)

    def _reports(self) -> Sequence[Mapping[str, Any]]:
        published = self.parts.service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}").active
        return [json.loads(message.body)["data"] for message in published]
