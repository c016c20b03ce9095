"""One site: emulated services, a host in a process of its own, and what a test sends there and sees."""

import itertools
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import jsonschema  # type: ignore[import-untyped]  # it comes without types
from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusSender

from cli.host_process import HostProcess
from cli.parts import DEVICE_RETIREMENT, OUTCOMES, OUTCOMES_SUBSCRIPTION, USER_OFFBOARDING, LocalParts
from emulators.graph import faults as graph_faults
from emulators.graph.calls import Call
from emulators.graph.emulator import GraphEmulator
from emulators.identity.emulator import IdentityEmulator
from emulators.servicebus.faults import Fault
from emulators.servicebus.trace import Operation, TraceEntry
from emulators.servicebus.views import MessageView
from shared.messaging import outcome
from tests.e2e.people import PRIVATE, Person, Pool, tenant

LOCK: Final = timedelta(seconds=3)
PATIENCE: Final = 30.0
ROLES: Final = ("DeviceManagementServiceConfig.ReadWrite.All", "User.Read.All")
SETTINGS: Final = {
    "RETRY_FIRST_DELAY": "1s",
    "RETRY_MAX_DELAY": "2s",
    "DIRECTORY_MAX_AGE": "1h",  # one list for the whole of a host's life, so that it is stale when a test says so
    "LOG_HASH_KEY": "0123456789abcdef",
}
_LAST: Final = (Operation.COMPLETE, Operation.DEAD_LETTER)
_WANTED: Final = {*Operation} - {Operation.RENEW, Operation.ATTACH}
_SCHEMA: Final = jsonschema.Draft202012Validator(outcome.schema())
_FREE_TEXT: Final = {"requestedBy": PRIVATE, "ticket": f"{PRIVATE}-1", "reason": f"it is {PRIVATE}"}


class Site:
    """Everything that one host needs, and the host. Settings beyond the usual are given by name."""

    def __init__(self, folder: Path, *, clears_after: timedelta = timedelta(0), **settings: str) -> None:
        self.parts = LocalParts(tenant(), lock=LOCK)
        self.parts.graph = GraphEmulator(self.parts.graph.tenant, clears_after=clears_after)
        self.parts.identity = IdentityEmulator(roles=ROLES)
        self.service_bus, self.graph = self.parts.service_bus, self.parts.graph
        self.folder = folder
        self.journal = folder / "journal.sqlite3"
        self.people = Pool()
        self._settings = settings
        self._hosts: list[HostProcess] = []
        self._faults: list[Fault] = []
        self._senders: dict[str, ServiceBusSender] = {}
        self._client: ServiceBusClient | None = None
        self._seen: dict[int, dict[str, Any]] = {}

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

    def stop_host(self, host: HostProcess) -> int:
        """SIGTERM; the exit code."""
        self._hosts.remove(host)
        return host.stop()

    def kill_host(self, host: HostProcess) -> None:
        """SIGKILL."""
        self._hosts.remove(host)
        host.kill()

    @property
    def log(self) -> Path:
        return self.folder / "host.log"

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

    # What comes out

    def until[T](self, look: Callable[[], T], seconds: float = PATIENCE) -> T:
        """What `look` returns as soon as that is true; fails with the end of the host's log."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            if time.monotonic() > deadline:
                log = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
                raise AssertionError(f"not within {seconds} s; the host's log ends so:\n{log}")
            time.sleep(0.05)  # the emulators run in this process too, and need its time
        return found

    def published(self, event_id: str) -> list[dict[str, Any]]:
        """The outcome events about an event, in order; each one keeps its schema."""
        for message in self.service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}").active:
            if message.sequence_number not in self._seen:
                document = json.loads(message.body)
                _SCHEMA.validate(document)
                self._seen[message.sequence_number] = document
        return [each for each in self._seen.values() if each["subject"] == event_id]

    def end(self, message_id: str, event_id: str = "") -> dict[str, Any]:
        """Wait until a message and its copies are settled for good; the data of its last outcome event."""
        self.until(lambda: self.settlement(message_id))
        data: dict[str, Any] = self.until(lambda: self.published(event_id or message_id))[-1]["data"]
        return data

    def settlement(self, message_id: str) -> str:
        """`complete`, a dead-letter reason, or "" for a message that, itself or as a copy, is on its way."""
        waiting = [view for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT) for view in self.waiting(queue, message_id)]
        ended = [entry for entry in self.trace(message_id) if entry.operation in _LAST and entry.fault is None]
        if waiting or not ended:
            return ""
        dead = self.dead_letter(message_id)
        return "complete" if dead is None else dead.dead_letter_reason or "?"

    def waiting(self, queue: str, message_id: str) -> list[MessageView]:
        """The message and its copies, wherever they are in the queue."""
        view = self.service_bus.snapshot(queue)
        held = itertools.chain(view.active, view.locked, view.scheduled)
        return [each for each in held if _is_of(message_id, each.message_id)]

    def dead_letter(self, message_id: str) -> MessageView | None:
        """The message or its copy in a dead-letter queue."""
        views = (self.service_bus.snapshot(queue) for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT))
        dead = (each for view in views for each in view.dead_lettered if _is_of(message_id, each.message_id))
        return next(dead, None)

    def trace(self, message_id: str) -> list[TraceEntry]:
        """What happened to a message and its copies, but for renewals of locks; outcome events not among it."""
        return [
            entry
            for entry in self.service_bus.trace
            if entry.operation in _WANTED
            and not entry.entity.startswith(OUTCOMES)
            and _is_of(message_id, entry.message_id)
        ]

    def steps(self, message_id: str) -> list[tuple[str, str]]:
        """The trace as operation and copy: ("complete", "") is the original's, ("complete", ":1") the first copy's."""
        trace = self.trace(message_id)
        return [(entry.operation.value, str(entry.message_id).removeprefix(message_id)) for entry in trace]

    def posts(self, device: str) -> list[Call]:
        """All POSTs about a device, answered or not."""
        return [call for call in self.graph.calls if call.method == "POST" and device in call.path]

    def scans(self) -> list[Call]:
        """All pages of the list that were asked for."""
        return [
            call for call in self.graph.calls if graph_faults.LIST.search(call.path) and "$filter" not in call.query
        ]

    def let_list_grow_old(self, age: timedelta = timedelta(seconds=1.2)) -> None:
        """Wait until the last list is older than DIRECTORY_MAX_AGE, where that is a second."""
        times = [call.time for call in self.scans()]
        self.until(lambda: not times or datetime.fromtimestamp(time.time(), UTC) - max(times) > age)

    def user_of(self, device: str) -> str | None:
        """Whom a record names now."""
        return self.graph.tenant.devices[device].user_principal_name


def _is_of(message_id: str, other: object) -> bool:
    return isinstance(other, str) and (other == message_id or other.startswith(f"{message_id}:"))


def lines(data: Mapping[str, Any]) -> dict[str, str]:
    """The outcome of each device in an outcome event's data."""
    return {line["autopilotDeviceId"]: line["outcome"] for line in data["devices"]}


def details(data: Mapping[str, Any]) -> Sequence[str | None]:
    """The details in an outcome event's data."""
    return [line["detail"] for line in data["devices"]]
