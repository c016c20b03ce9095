"""One site: emulated services, hosts in processes of their own, and what a test sends there; what it sees is in watching."""

import json
import uuid
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusSender

from cli.host_process import HostProcess
from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, VERIFICATION, LocalParts
from emulators.graph.emulator import GraphEmulator
from emulators.identity.emulator import IdentityEmulator
from emulators.servicebus.faults import Fault
from tests.e2e.people import PRIVATE, Person, Pool, tenant
from tests.e2e.watching import Watched
from tests.personal import nothing_personal

LOCK: Final = timedelta(seconds=3)
ROLES: Final = ("DeviceManagementServiceConfig.ReadWrite.All", "User.Read.All")
SETTINGS: Final = {
    "RETRY_FIRST_DELAY": "1s",
    "RETRY_MAX_DELAY": "2s",
    "DIRECTORY_MAX_AGE": "1h",  # one list for the whole of a host's life, so that it is stale when a test says so
    "LOG_HASH_KEY": "0123456789abcdef",
}
_FREE_TEXT: Final = {"requestedBy": PRIVATE, "ticket": f"{PRIVATE}-1", "reason": f"it is {PRIVATE}"}


def usual_parts(clears_after: timedelta = timedelta(0)) -> LocalParts:
    """Emulators that have not been started."""
    parts = LocalParts(tenant(), lock=LOCK)
    parts.graph = GraphEmulator(parts.graph.tenant, clears_after=clears_after)
    parts.identity = IdentityEmulator(roles=ROLES)
    return parts


class Site(Watched):
    """Everything that one host needs, and the host. Settings beyond the usual are given by name; so may be the emulators."""

    def __init__(self, folder: Path, *, parts: LocalParts | None = None, **settings: str) -> None:
        self.parts = usual_parts() if parts is None else parts
        super().__init__(self.parts.service_bus, self.parts.graph, folder / "host.log")
        self.folder = folder
        self.journal = folder / "journal.sqlite3"
        self.people = Pool()
        self._settings = settings
        self._hosts: list[HostProcess] = []
        self._faults: list[Fault] = []
        self._senders: dict[str, ServiceBusSender] = {}
        self._client: ServiceBusClient | None = None

    def __enter__(self) -> Self:
        self.parts.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.recover()
            for host in self._hosts:
                host.kill()
            self.hang_up()
            for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT, VERIFICATION):
                for letter in self.service_bus.snapshot(queue).dead_lettered:
                    nothing_personal(letter.dead_letter_description or "", f"a dead letter of {queue}")
        finally:
            self.parts.stop()

    # The host

    def start_host(self, **settings: str) -> HostProcess:
        """One more host, ready; settings given here win."""
        environment = {**self.parts.environment(self.journal), **SETTINGS, **self._settings, **settings}
        host = HostProcess(environment, self.log)
        host.start()
        self._hosts.append(host)
        return host

    def start_warm_host(self) -> None:
        """One more host, which has handled a message of each kind: the first ones load libraries, longer than a lock may last."""
        self.start_host()
        for message in (self.left(self.people.take()), self.retired(self.people.take().device)):
            self.end(message)

    def stop_host(self, host: HostProcess) -> int:
        """SIGTERM; the exit code."""
        self._hosts.remove(host)
        return host.stop()

    def kill_host(self, host: HostProcess) -> None:
        """SIGKILL."""
        self._hosts.remove(host)
        host.kill()

    # What goes in

    def left(self, person: Person, **fields: Any) -> str:
        """Send `user.offboarded` for somebody; the event id, which is the message id too."""
        body = {"user": {"userPrincipalName": person.name}, **_FREE_TEXT, **fields}
        return self.send(USER_OFFBOARDING, body)

    def retired(self, autopilot_device_id: str = "", **fields: Any) -> str:
        """Send `device.retired` for a device by its Autopilot id, or by what `device` in the fields says."""
        body = {"device": {"autopilotDeviceId": autopilot_device_id}, **_FREE_TEXT, **fields}
        return self.send(DEVICE_RETIREMENT, body)

    def send(self, queue: str, body: Mapping[str, Any] | bytes, message_id: str = "", **properties: str) -> str:
        """Send a message with the real SDK; its id, a new one unless given."""
        message_id = message_id or str(uuid.uuid4())
        encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
        named: dict[str | bytes, Any] = dict(properties.items())
        message = ServiceBusMessage(encoded, message_id=message_id, application_properties=named)
        self._sender(queue).send_messages(message)
        return message_id

    def _sender(self, queue: str) -> ServiceBusSender:
        if self._client is None:
            self._client = ServiceBusClient.from_connection_string(self.service_bus.connection_string)
        if queue not in self._senders:
            self._senders[queue] = self._client.get_queue_sender(queue)
        return self._senders[queue]

    def hang_up(self) -> None:
        """Close our own connections; the next message to be sent opens them anew."""
        client, self._client = self._client, None
        if client is not None:
            client.close()  # the senders too, as long as somebody holds them
        self._senders.clear()

    def disturb(self, fault: Fault) -> Fault:
        """Put a fault of Service Bus in force, until it is lifted or the test ends."""
        self._faults.append(fault)
        return self.service_bus.faults.add(fault)

    def recover(self) -> None:
        """End all faults, and release what hangs."""
        self.graph.faults.clear()
        self.parts.identity.faults.clear()
        while self._faults:
            self.service_bus.faults.lift(self._faults.pop())
