"""What came out of a site: settlements and their order, outcome events, calls to Graph. Reads the emulators; changes nothing."""

import itertools
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import jsonschema  # type: ignore[import-untyped]  # it comes without types

from cli.parts import DEVICE_RETIREMENT, OUTCOMES, OUTCOMES_SUBSCRIPTION, USER_OFFBOARDING
from emulators.graph import faults as graph_faults
from emulators.graph.calls import Call
from emulators.graph.emulator import GraphEmulator
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import Operation, TraceEntry
from emulators.servicebus.views import MessageView
from shared.messaging import outcome

PATIENCE: Final = 30.0
_LAST: Final = (Operation.COMPLETE, Operation.DEAD_LETTER)
_WANTED: Final = {*Operation} - {Operation.RENEW, Operation.ATTACH}
_SCHEMA: Final = jsonschema.Draft202012Validator(outcome.schema())


class Watched:
    """Two emulators and the host's log."""

    def __init__(self, service_bus: ServiceBusEmulator, graph: GraphEmulator, log: Path) -> None:
        self.service_bus, self.graph, self.log = service_bus, graph, log
        self._seen: dict[int, dict[str, Any]] = {}

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
