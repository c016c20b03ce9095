"""The emulator as a whole: a broker that keeps its state, and the AMQP server in a thread that can come and go.

One lock guards the broker: the server's thread holds it while it handles an event, every method here while it looks.
"""

import logging
import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, Self

from proton import Handler
from proton.reactor import ApplicationEvent, Container, EventInjector

from emulators.clock import Clock, SystemClock
from emulators.servicebus import config
from emulators.servicebus.broker import Broker
from emulators.servicebus.faults import Faults
from emulators.servicebus.gate import Gate
from emulators.servicebus.rights import Rights
from emulators.servicebus.trace import Trace, TraceEntry
from emulators.servicebus.views import EntityView
from emulators.servicebus.wire import Wire

_LOG = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_STARTING_SECONDS = _STOPPING_SECONDS = 10.0
_FAREWELL_SECONDS = 0.2


class ServiceBusEmulator:
    """An emulated Service Bus namespace on loopback. Port 0 means a free one, which a restart keeps.

    `faults` and `rights` may be changed while it runs. Messages survive `stop()` and `start()`, connections do not.
    """

    def __init__(
        self, namespace: config.Namespace, *, port: int = 0, clock: Clock | None = None, faults: Faults | None = None
    ) -> None:
        self.port = port
        self.faults = Faults() if faults is None else faults
        self.rights = Rights()
        self._clock = SystemClock() if clock is None else clock
        self._lock = threading.RLock()
        self._trace = Trace()
        self._broker = Broker(namespace, clock=self._clock, trace=self._trace)
        self._server: _Server | None = None

    @property
    def connection_string(self) -> str:
        """For azure-servicebus and every other client that knows Microsoft's emulator. The key is not a secret."""
        return (
            f"Endpoint=sb://{_HOST}:{self.port};SharedAccessKeyName=emulator;"
            "SharedAccessKey=ZW11bGF0b3I=;UseDevelopmentEmulator=true;"
        )

    def start(self) -> Self:
        """Listen; returns when it does. Raises OSError if the port is taken, RuntimeError if it runs already."""
        if self._server is not None:
            raise RuntimeError("the emulator runs already")
        gate = Gate(self.faults, self._trace, self._clock, self.rights)
        wire = Wire(self._broker, gate=gate, clock=self._clock, lock=self._lock)
        server = _Server(wire, self.port)
        self.port = server.start()
        self._server = server
        return self

    def stop(self) -> None:
        """Close every connection as a service does that is being restarted, and stop listening. Does nothing if stopped.

        Raises what made the server's thread fail, if anything did.
        """
        server, self._server = self._server, None
        if server is not None:
            server.stop()

    def restart(self) -> None:
        """Stop, and start on the same port; locks and messages stay."""
        self.stop()
        self.start()

    def drop_connections(self) -> None:
        """Close every connection with `amqp:connection:forced`, and go on listening."""
        server = self._running()
        server.run(server.wire.drop_connections)

    def cut_connections(self) -> None:
        """Shut every connection's socket without a word, and go on listening."""
        server = self._running()
        server.run(server.wire.cut_connections)

    def freeze(self) -> Callable[[], None]:
        """Do nothing, as a process that is stopped, until the function that this returns is called; what arrives waits."""
        return self._running().freeze()

    def sweep(self) -> None:
        """Do what has become due on the clock now, and deliver what that makes available; for a clock advanced by hand."""
        with self._lock:
            self._broker.sweep()
        if self._server is not None:
            self._server.run(self._server.wire.serve)

    def snapshot(self, entity: str) -> EntityView:
        """A copy of all that a queue, subscription, topic or dead-letter subqueue holds. Raises errors.EntityNotFound."""
        with self._lock:
            return self._broker.snapshot(entity)

    @property
    def trace(self) -> tuple[TraceEntry, ...]:
        """What happened so far, in order."""
        with self._lock:
            return self._trace.entries()

    def _running(self) -> "_Server":
        if self._server is None:
            raise RuntimeError("the emulator is stopped")
        return self._server


class _Server(Handler):
    """One run of proton's reactor, in a thread of its own."""

    def __init__(self, wire: Wire, port: int) -> None:
        self.wire = wire
        self.add(wire)
        self._port = port
        self._container = Container(self)
        self._injector = EventInjector()
        self._acceptor: Any = None
        self._listening = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="servicebus-emulator", daemon=True)

    def start(self) -> int:
        self._thread.start()
        if not self._listening.wait(_STARTING_SECONDS):
            raise TimeoutError("the emulator did not begin to listen")
        if self._failure is not None:
            raise self._failure
        return self._port

    def stop(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._post(self._close)
        self._thread.join(_STOPPING_SECONDS)
        if self._failure is not None:
            raise self._failure
        if self._thread.is_alive():
            raise TimeoutError("the emulator did not stop")

    def run(self, action: Callable[[], None]) -> None:
        """Run something in the reactor's thread, and wait until it is done."""
        done = threading.Event()

        def act() -> None:
            action()
            done.set()

        if self._failure is not None:
            raise self._failure
        self._post(act)
        while not done.wait(0.05):
            if self._failure is not None:
                raise self._failure

    def freeze(self) -> Callable[[], None]:
        """Let the reactor's thread wait, until the function that this returns is called; returns when it does."""
        frozen, thaw = threading.Event(), threading.Event()

        def wait() -> None:
            frozen.set()
            thaw.wait()

        self._post(wait)
        if not frozen.wait(_STARTING_SECONDS):
            raise TimeoutError("the emulator does not listen to us")
        return thaw.set

    def on_reactor_init(self, event: Any) -> None:
        self._container.selectable(self._injector)
        self._acceptor = self._container.acceptor(_HOST, str(self._port))
        self._port = self._acceptor._selectable.getsockname()[1]  # noqa: SLF001  # proton tells the port nowhere else
        self.wire.schedule(self._container)
        self._listening.set()

    def _post(self, action: Callable[[], None]) -> None:
        self._injector.trigger(ApplicationEvent("command", subject=action))

    def _close(self) -> None:
        self._acceptor.close()
        self.wire.close()
        self._say_farewell(monotonic() + _FAREWELL_SECONDS)

    def _say_farewell(self, deadline: float) -> None:
        """Give clients a little time to answer, then cut off those still there; the reactor ends by itself."""
        if self.wire.has_connections and monotonic() < deadline:
            self._container.schedule(_FAREWELL_SECONDS / 20, _Later(lambda: self._say_farewell(deadline)))
            return
        self.wire.cut_connections()
        self._injector.close()

    def _run(self) -> None:
        try:
            self._container.run()
        except BaseException as error:  # noqa: BLE001  # raised in the thread that stops, starts or asks
            self._failure = error
            if self._listening.is_set():  # else it is the starter's to tell
                _LOG.exception("emulator.servicebus.failed")
        finally:
            self._listening.set()
            for end in self._injector.pipe:
                os.close(end)


class _Later(Handler):
    """Something for proton's timer to do."""

    def __init__(self, action: Callable[[], None]) -> None:
        self._action = action

    def on_timer_task(self, event: Any) -> None:
        self._action()
