"""Two environments with a value of its own for every setting, and the parts that are built from them, opened up."""

from typing import Any

from shared import bootstrap
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.processor import Processor
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler

GRAPHS, SERVICE_BUSES = "7e8d0f4c-0000-4000-8000-0000000000c1", "7e8d0f4c-0000-4000-8000-0000000000c2"
KEY = "0123456789abcdef"
EVERYWHERE = {
    "USER_OFFBOARDING_QUEUE": "left",
    "DEVICE_RETIREMENT_QUEUE": "gone",
    "VERIFICATION_QUEUE": "later",
    "OUTCOMES_TOPIC": "told",
    "GRAPH_ENDPOINT": "https://graph.microsoft.us",
    "AZURE_CLIENT_ID": GRAPHS,
    "DRY_RUN": "true",
    "ALLOW_RESOURCE_ACCOUNT_UNASSIGN": "true",
    "RESOLVE_USERS": "true",
    "MAX_DELIVERY_COUNT": "7",
    "LOG_HASH_KEY": KEY,
    "MAX_DEVICES_PER_USER": "3",
    "BLAST_RADIUS_PER_HOUR": "44",
    "PROTECTED_USERS": "chief@contoso.com,*@board.contoso.com",
    "PROTECTED_GROUP_TAGS": "kiosk",
    "PROTECTED_SERIAL_NUMBERS": "SN-1",
    "RETRY_MAX_ATTEMPTS": "41",
    "RETRY_FIRST_DELAY": "2s",
    "RETRY_MAX_DELAY": "3m",
    "RETRY_GIVE_UP_AFTER": "5h",
    "PERMIT_MAX_WAIT": "6s",
    "MESSAGE_MAX_AGE": "8d",
    "DIRECTORY_MAX_AGE": "9s",
    "VERIFY_AFTER": "11m",
    "VERIFY_ATTEMPTS": "2",
    "MAPPING_FILE": "shared/mappings/bamboohr.yaml",
    "JOURNAL_RETENTION": "400d",
}
LOCAL = {
    **EVERYWHERE,
    "ServiceBusConnection": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true;",
    "JOURNAL_URL": "sqlite:///never-made.sqlite3",
}
AZURE = {
    **EVERYWHERE,
    "ServiceBusConnection__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
    "ServiceBusConnection__credential": "managedidentity",
    "ServiceBusConnection__clientId": SERVICE_BUSES,
    "JOURNAL_URL": "https://account.table.core.windows.net/journal",
}


class Parts:
    """What a processor was made of; the adapters by their classes."""

    def __init__(self, processor: Processor) -> None:
        self.processor = processor
        self.handlers, self.journal = processor.runs.handlers, processor.runs.journal
        self.resolver: Any = self.handlers.resolver
        self.unassigner: Any = self.handlers.unassigner
        assert isinstance(processor.settler, ServiceBusSettler)
        assert isinstance(processor.conclusions.publisher, ServiceBusOutcomes)
        assert isinstance(self.resolver.devices, GraphAutopilotDevices)
        self.connection = processor.settler._connection
        self.publisher = processor.conclusions.publisher
        self.devices = self.resolver.devices
        self.graph = self.resolver.devices._client


def built(environment: dict[str, str], **changes: str) -> Parts:
    return Parts(bootstrap.build({**environment, **changes}))
