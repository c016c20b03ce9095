"""The host: loads an app, listens for each of its functions, and drains when told to stop. Wires; decides little."""

import asyncio
import functools
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from azure.servicebus import ServiceBusReceivedMessage

from devhost import bindings, connection, errors, host_json
from devhost.clock import Clock, SystemClock
from devhost.invocation import Invoker, tick
from devhost.listener import Listener
from devhost.queue_link import QueueLink
from devhost.worker import Worker

DRAIN_SECONDS = 20.0
_CLOSE_SECONDS = 2.0

_log = logging.getLogger(__name__)


class FunctionsHost:
    """Runs the app in one folder with these settings. The app itself reads os.environ, as it does in Azure."""

    def __init__(
        self,
        app_dir: Path,
        environment: Mapping[str, str],
        *,
        clock: Clock | None = None,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        self._app_dir = app_dir
        self._environment = environment
        self._clock = clock or SystemClock()
        self._drain_seconds = drain_seconds

    async def run(self, ready: Callable[[], None], stop: asyncio.Event) -> int:
        """Run until `stop` is set; calls `ready` once all links are open. Returns the exit code, 0.

        Stopping: takes nothing more, waits for what is running up to the drain deadline, closes; within 25 seconds in all. An
        invocation that is cut off leaves its message locked: it comes back when the lock expires.
        Raises WorkerFailed, InvalidConfiguration.
        """
        options = host_json.read(self._app_dir / "host.json")
        worker = await Worker.load(self._app_dir)
        connections: dict[str, connection.Connection] = {}
        listeners: list[Listener[ServiceBusReceivedMessage]] = []
        try:
            for trigger in self._triggers(worker):
                if trigger.connection not in connections:
                    connections[trigger.connection] = connection.connect(trigger.connection, self._environment)
                client = connections[trigger.connection].client
                link = QueueLink(client, trigger.queue, prefetch_count=options.prefetch_count)
                listeners.append(self._listener(worker, trigger, link, options))
            ticks = [functools.partial(_tick, worker, timer) for timer in bindings.timers(worker.functions)]
            await _serve(listeners, ticks, ready, stop, self._drain_seconds)
        finally:
            await _close(listeners, connections.values())
            await worker.unload()
        return 0

    def _triggers(self, worker: Worker) -> tuple[bindings.QueueTrigger, ...]:
        triggers, problems = bindings.queue_triggers(worker.functions, self._environment)
        problems += connection.problems((trigger.connection for trigger in triggers), self._environment)
        if problems:
            raise errors.InvalidConfiguration(problems)
        return triggers

    def _listener(
        self, worker: Worker, trigger: bindings.QueueTrigger, link: QueueLink, options: host_json.ServiceBusOptions
    ) -> Listener[ServiceBusReceivedMessage]:
        return Listener(
            trigger.function.name,
            link,
            Invoker(worker, trigger),
            clock=self._clock,
            max_concurrent_calls=options.max_concurrent_calls,
            max_auto_lock_renewal=options.max_auto_lock_renewal,
            auto_complete=options.auto_complete if trigger.auto_complete is None else trigger.auto_complete,
        )


async def _serve(
    listeners: list[Listener[ServiceBusReceivedMessage]],
    ticks: Sequence[Callable[[], Coroutine[Any, Any, None]]],
    ready: Callable[[], None],
    stop: asyncio.Event,
    drain_seconds: float,
) -> None:
    async with asyncio.TaskGroup() as opening:
        for listener in listeners:
            opening.create_task(listener.open(stop))
    if stop.is_set():
        return
    ready()
    async with asyncio.TaskGroup() as running:
        for listener in listeners:
            running.create_task(listener.run(stop))
        for each in ticks:
            running.create_task(each())
        await stop.wait()
        for listener in listeners:  # while the last receive of each ends
            running.create_task(listener.drain(drain_seconds))


async def _tick(worker: Worker, timer: bindings.Timer) -> None:
    """A timer's function runs once, at the start; the platform's host would run it by its schedule."""
    result = await tick(worker, timer)
    if not result.succeeded:
        _log.warning("timer.failed function=%s error=%s", timer.function.name, result.error_type)


async def _close(
    listeners: Iterable[Listener[ServiceBusReceivedMessage]], connections: Iterable[connection.Connection]
) -> None:
    try:
        async with asyncio.timeout(_CLOSE_SECONDS):
            await asyncio.gather(*(listener.close() for listener in listeners))
            await asyncio.gather(*(one.close() for one in connections))
    except TimeoutError:  # whatever is still open ends with the process
        _log.warning("host.close_cut_off")
