"""AMQP events of all connections, as proton's reactor hands them over: opens and closes, attaches, transfers, credit, time.

Runs in the reactor's thread. Takes the host's lock around whatever touches the broker, and keeps no state of messages.
"""

import contextlib
import socket
import threading
from typing import Any

import proton
from proton.reactor import Container

from emulators.clock import Clock
from emulators.servicebus import errors
from emulators.servicebus.broker import Broker
from emulators.servicebus.faults import Effect
from emulators.servicebus.gate import Gate
from emulators.servicebus.inbox import MAX_MESSAGE_BYTES
from emulators.servicebus.links import ManagementLink, SendLink, TokenLink, condition_of, refuse
from emulators.servicebus.receiving import ReceiveLink, Receivers
from emulators.servicebus.rights import Claim
from emulators.servicebus.trace import Operation

_MANAGEMENT = "/$management"
_CBS = "$cbs"
_CREDIT = 200
_LONGEST_NAP, _SHORTEST_NAP = 0.1, 0.002


class Wire(proton.Handler):
    """A handler of proton events over one broker. `commands` posted to it are run in the reactor's thread."""

    def __init__(self, broker: Broker, *, gate: Gate, clock: Clock, lock: threading.RLock) -> None:
        self._broker = broker
        self._gate = gate
        self._clock = clock
        self._lock = lock
        self._receivers = Receivers(gate)
        self._connections: list[Any] = []
        self._reply_links: dict[tuple[Any, str], Any] = {}
        self._timer: Any = None
        self._closing = False

    # Reactor

    def on_timer_task(self, event: Any) -> None:
        """Time has passed: do what is due, and sleep until the next thing is."""
        if not self._closing:
            self.serve()
            self.schedule(event.container)

    def schedule(self, container: Container) -> None:
        """Set the timer; it never sleeps long, as the clock need not be the machine's."""
        with self._lock:
            due = self._broker.next_due
        nap = _LONGEST_NAP if due is None else (due - self._clock.now()).total_seconds()
        self._timer = container.schedule(min(max(nap, _SHORTEST_NAP), _LONGEST_NAP), self)

    def on_command(self, event: Any) -> None:
        """Another thread wants something done here."""
        event.subject()

    def serve(self) -> None:
        """Sweep, and deliver what can be delivered."""
        with self._lock:
            self._broker.sweep()
            self._receivers.serve()

    @property
    def has_connections(self) -> bool:
        """Whether any client is still connected."""
        return bool(self._connections)

    def drop_connections(self) -> None:
        """Close every connection with `amqp:connection:forced`."""
        for connection in self._connections:
            if connection.state & proton.Endpoint.LOCAL_UNINIT:
                continue  # it has said nothing yet, and could not be told
            connection.condition = condition_of(errors.ConnectionForced("The connection was closed by the service."))
            connection.close()

    def cut_connections(self) -> None:
        """Shut every connection's socket, and say nothing."""
        for connection in self._connections:
            selectable = connection.transport._selectable  # noqa: SLF001  # proton hands its sockets out nowhere else
            with contextlib.suppress(OSError):  # the client was quicker
                selectable.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Drop the connections, and let the reactor run out of things to do."""
        self._closing = True
        self._timer.cancel()
        self.drop_connections()

    # Connections and sessions

    def on_connection_bound(self, event: Any) -> None:
        """A client has a socket to us; whether it says anything on it, remains to be seen."""
        self._connections.append(event.connection)

    def on_connection_remote_open(self, event: Any) -> None:
        """A client connects."""
        event.connection.open()

    def on_session_remote_open(self, event: Any) -> None:
        """A client begins a session."""
        event.session.open()

    def on_session_remote_close(self, event: Any) -> None:
        """A client ends a session."""
        event.session.close()

    def on_connection_remote_close(self, event: Any) -> None:
        """A client closes its connection, or answers that we closed it."""
        event.connection.close()

    def on_transport_closed(self, event: Any) -> None:
        """A connection has gone, in whichever way. What it had locked stays locked."""
        connection = event.connection
        if connection in self._connections:
            self._connections.remove(connection)
        self._receivers.remove_connection(connection)
        self._reply_links = {key: link for key, link in self._reply_links.items() if key[0] != connection}

    # Links

    def on_link_remote_open(self, event: Any) -> None:
        """A client attaches a link: find out to what, and answer with the same source and target."""
        link = event.link
        link.source.copy(link.remote_source)
        link.target.copy(link.remote_target)
        link.snd_settle_mode, link.rcv_settle_mode = link.remote_snd_settle_mode, link.remote_rcv_settle_mode
        terminus = link.remote_source if link.is_sender else link.remote_target
        try:
            with self._lock:
                role = self._role(link, _path(terminus.address))
        except errors.BrokerError as error:
            link.open()
            refuse(link, error)
            return
        if role is not None:
            link.role = role
            link.open()
            if link.is_receiver:
                link.flow(_CREDIT)

    def on_link_remote_close(self, event: Any) -> None:
        """A client gives a link up. What it had locked stays locked."""
        role = getattr(event.link, "role", None)
        if isinstance(role, ReceiveLink):
            self._receivers.remove(event.link, role)
        event.link.close()

    def on_link_remote_detach(self, event: Any) -> None:
        """A client lets go of a link. Links can't be resumed here, so that is the same as giving it up."""
        self.on_link_remote_close(event)

    def on_link_flow(self, event: Any) -> None:
        """A client grants credit, or takes it back."""
        role = getattr(event.link, "role", None)
        if isinstance(role, ReceiveLink):
            with self._lock:
                self._receivers.update(event.link, role)
                self._receivers.serve()

    def on_delivery(self, event: Any) -> None:
        """A transfer has arrived, or a client has settled one of ours; on what we have closed, neither counts any more."""
        delivery, link = event.delivery, event.link
        if _closed(link) or _closed(link.connection):
            delivery.settle()
        elif link.is_receiver:
            self._on_transfer(delivery, link)
        elif delivery.updated and isinstance(link.role, ReceiveLink) and delivery.remote_state:
            with self._lock:
                link.role.settle(delivery)
                self._receivers.serve()

    def _on_transfer(self, delivery: Any, link: Any) -> None:
        if delivery.aborted:
            delivery.settle()
        elif delivery.readable and not delivery.partial:
            encoded = bytes(link.recv(delivery.pending))
            link.advance()
            with self._lock:
                link.role.take(delivery, encoded)
                self._receivers.serve()
            link.flow(1)

    def _role(self, link: Any, path: str) -> Any:
        if path == _CBS or path.lower().endswith(_MANAGEMENT):
            return self._request_role(link, path)
        entity = self._broker.find(path)
        claim = Claim.SEND if link.is_receiver else Claim.LISTEN
        if self._gate.attach(entity, claim) is not None:
            return None  # SILENCE: the attach is never answered
        if link.is_receiver:
            link.max_message_size = MAX_MESSAGE_BYTES
            return SendLink(self._broker.inbox(path), self._gate)
        if _wants_session(link):
            raise errors.NotSupported(f"{entity}: sessions are not supported by this emulator")
        delete = link.remote_snd_settle_mode == proton.Link.SND_SETTLED
        return ReceiveLink(self._broker.queue(path), self._gate, delete=delete)

    def _request_role(self, link: Any, path: str) -> Any:
        if link.is_sender:
            self._reply_links[link.connection, path.lower()] = link
            return _REPLIES

        def reply(message: proton.Message, connection: Any = link.connection) -> None:
            answers = self._reply_links.get((connection, path.lower()))
            if answers is not None:  # a client that listens for no answers gets none
                answers.send(message)

        if path == _CBS:
            return TokenLink(reply)
        entity = self._broker.find(path[: -len(_MANAGEMENT)])
        if self._gate.meet(entity, Operation.ATTACH) is Effect.SILENCE:
            return None
        return ManagementLink(entity, self._broker, self._gate, reply)


_REPLIES = object()
"""The role of a link that only carries answers to the client."""


def _wants_session(link: Any) -> bool:
    wanted = link.remote_source.filter
    wanted.rewind()
    filters = wanted.get_object() if wanted.next() else None
    return isinstance(filters, dict) and "com.microsoft:session-filter" in filters


def _closed(endpoint: Any) -> bool:
    return bool(endpoint.state & proton.Endpoint.LOCAL_CLOSED)


def _path(address: str | None) -> str:
    """The entity's path from an address, which may be a whole URI. Raises InvalidRequest."""
    if not address:
        raise errors.InvalidRequest("a link without an address")
    return address.split("/", 3)[-1] if "://" in address else address
