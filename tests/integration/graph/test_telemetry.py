"""What the client libraries' spans tell: no names, no serial numbers."""

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, Tenant, User
from emulators.identity.emulator import IdentityEmulator
from tests.integration.graph.test_cold_start import run

TRACED = """
import asyncio, sys
from datetime import timedelta
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)

from azure.identity.aio import ManagedIdentityCredential
from emulators.clock import SystemClock
from shared.graph import clouds
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.client import GraphClient
from shared.graph.users import GraphUsers

async def main() -> None:
    client = GraphClient(clouds.at(sys.argv[1]), credential=ManagedIdentityCredential, clock=SystemClock())
    devices = GraphAutopilotDevices(client, clock=SystemClock(), directory_max_age=timedelta(seconds=60))
    assert await devices.with_serial_number("SN1")
    assert await GraphUsers(client).by_name("alice@contoso.example")
    await client.close()

asyncio.run(main())
for span in exporter.get_finished_spans():
    print(span.to_json(indent=None))
"""


def test_no_span_holds_a_name_or_a_serial_number() -> None:
    devices = [Device(id="d-1", serial_number="SN1")]
    users = [User(id="7e8d0f4c-0000-4000-8000-00000000000a", user_principal_name="alice@contoso.example")]
    roles = ("DeviceManagementServiceConfig.ReadWrite.All", "User.Read.All")
    with IdentityEmulator(roles=roles) as identity, GraphEmulator(Tenant(devices, users), strict=True) as graph:
        spans = run(TRACED, graph.endpoint, environment=identity.environment)

    assert any("windowsAutopilotDeviceIdentities" in span for span in spans)
    assert not [span for span in spans if "alice" in span or "SN1" in span]
