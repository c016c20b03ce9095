"""The emulated services together: Service Bus, Graph and identity on loopback, and the settings that lead to them."""

from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cli import hosting
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Tenant
from emulators.identity.emulator import IdentityEmulator
from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator
from shared.settings.fields import CONNECTION, NAMESPACE

USER_OFFBOARDING: Final = "user-offboarding"
DEVICE_RETIREMENT: Final = "device-retirement"
VERIFICATION: Final = "unassignment-verification"
OUTCOMES: Final = "unassignment-outcomes"
OUTCOMES_SUBSCRIPTION: Final = "all"
LEADING: Final = frozenset(
    {
        CONNECTION,
        NAMESPACE,
        f"{CONNECTION}__credential",
        f"{CONNECTION}__clientId",
        "USER_OFFBOARDING_QUEUE",
        "DEVICE_RETIREMENT_QUEUE",
        "VERIFICATION_QUEUE",
        "OUTCOMES_TOPIC",
        "GRAPH_ENDPOINT",
        "AZURE_CLIENT_ID",
        "JOURNAL_URL",
    }
)
"""The settings that lead to services, identities and the journal: here, whatever somebody has given, to the emulated parts."""


class LocalParts:
    """Three emulators that start and stop as one. Port 0 picks a free one; `lock` shortens the queues' lock."""

    def __init__(
        self,
        tenant: Tenant,
        *,
        servicebus_port: int = 0,
        graph_port: int = 0,
        lock: timedelta | None = None,
    ) -> None:
        namespace = config.load(hosting.app_directory() / "infra" / "servicebus.json")
        if lock is not None:
            namespace = namespace.with_lock_duration(lock)
        self.service_bus = ServiceBusEmulator(namespace, port=servicebus_port)
        self.graph = GraphEmulator(tenant, port=graph_port)
        self.identity = IdentityEmulator()
        self._started: list[ServiceBusEmulator | GraphEmulator | IdentityEmulator] = []

    def __enter__(self) -> Self:
        try:
            for part in (self.service_bus, self.graph, self.identity):
                part.start()
                self._started.append(part)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop what was started, the last one first."""
        while self._started:
            self._started.pop().stop()

    def environment(self, journal: Path) -> dict[str, str]:
        """The app settings that lead a host here."""
        return {
            "ServiceBusConnection": self.service_bus.connection_string,
            "USER_OFFBOARDING_QUEUE": USER_OFFBOARDING,
            "DEVICE_RETIREMENT_QUEUE": DEVICE_RETIREMENT,
            "VERIFICATION_QUEUE": VERIFICATION,
            "OUTCOMES_TOPIC": OUTCOMES,
            "GRAPH_ENDPOINT": self.graph.endpoint,
            "JOURNAL_URL": f"sqlite:///{journal}",
            **self.identity.environment,
        }
