"""The wiring: settings in, a processor out. Opens no connection and reads no clock; everything connects when first used."""

import hashlib
import hmac
import random
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared import assembly, configuration, mapping_file, ports
from shared.assembly import Machine, Messages, Rules, Tenant
from shared.blast_radius import BlastRadius
from shared.cleaning import CleanUp
from shared.domain.guard import Guard
from shared.graph import clouds, gathering
from shared.graph.asking import Asking
from shared.graph.assignments import GraphAssignments
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.client import GraphClient
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from shared.graph.scan_size import LastSize
from shared.graph.users import GraphUsers
from shared.heartbeat import Heartbeat
from shared.journal import location, sqlite_records
from shared.journal.sqlite import SqliteJournal
from shared.journal.sqlite_records import SqliteRecords
from shared.journal.table import TableJournal
from shared.journal.table_records import TableRecords
from shared.keyed_locks import KeyedLocks
from shared.messaging import contract, recoverability
from shared.processor import Processor, Queues
from shared.servicebus.backlog import ServiceBusBacklog
from shared.servicebus.connection import Connection
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler
from shared.settings.fields import Settings

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

BLAST_RADIUS = "blast-radius"
"""The shared record that counts the devices of an hour; that of dry runs has a name of its own."""

type CredentialFactory = "Callable[[], AsyncTokenCredential]"


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock


def build(environment: Mapping[str, str] | None = None) -> Processor:
    """The processor for an environment, by default this process's. Raises SettingsError with every problem at once."""
    return wire(configuration.begin(environment))


def wire(settings: Settings) -> Processor:
    """The processor for settings that were checked."""
    clock = SystemClock()
    journal = build_journal(settings, clock)
    graph = build_graph(settings, clock, managed_identity(settings.azure_client_id))
    events_in_hand, devices_in_hand = KeyedLocks(), KeyedLocks()
    records = build_records(settings)
    permits = build_permits(settings, clock, records.record("quota"))
    live, dry = (
        BlastRadius(records.record(name), clock=clock, limit=settings.blast_radius_per_hour)
        for name in (BLAST_RADIUS, f"{BLAST_RADIUS}-dry-run")
    )
    devices = build_devices(
        settings,
        graph,
        clock,
        permits=permits,
        batches=not settings.dry_run,
        in_hand=lambda: max(len(events_in_hand), len(devices_in_hand)),
        last_size=LastSize(records.record("scan")),
    )
    connection = build_connection(settings)

    async def close() -> None:
        await devices.close()
        await graph.close()
        await records.close()
        await connection.close()
        await journal.close()

    messages = Messages(
        settler=ServiceBusSettler(connection),
        publisher=ServiceBusOutcomes(connection, settings.outcomes_topic),
        queues=Queues(
            user_offboarding=settings.user_offboarding_queue,
            device_retirement=settings.device_retirement_queue,
            verification=settings.verification_queue,
        ),
        decode=mapping_file.decoder(settings.mapping_file) or contract.decode,
        in_hand=events_in_hand,
    )
    tenant = Tenant(
        devices=devices,
        users=build_users(settings, graph),
        permits=permits,
        live=live,
        dry=dry,
        in_hand=devices_in_hand,
    )
    queues = (settings.user_offboarding_queue, settings.device_retirement_queue, settings.verification_queue)
    clean_up = CleanUp(
        journal=journal, record=records.record("clean-up"), clock=clock, retention=settings.journal_retention
    )
    machine = Machine(
        clock=clock,
        jitter=random.random,
        pseudonym=pseudonym(settings.log_hash_key),
        close=close,
        heartbeat=Heartbeat(backlog=ServiceBusBacklog(connection), clock=clock, queues=queues),
        clean_up=clean_up.if_due,
    )
    return assembly.processor(tenant, messages, journal, machine, build_rules(settings))


def load_settings(environment: Mapping[str, str], *, service_bus: bool = True) -> Settings:
    """The settings, checked by the adapters that they are for. Raises SettingsError. `service_bus` is reading.load's."""
    return configuration.load(environment, service_bus=service_bus)


def build_connection(settings: Settings, credential: CredentialFactory | None = None) -> Connection:
    """The Service Bus namespace, by the connection string (local) or as whoever the credential is, by default the app."""
    if settings.connection_string:
        return Connection.by_connection_string(settings.connection_string)
    return Connection.by_identity(settings.namespace, credential or managed_identity(settings.connection_client_id))


def build_journal(
    settings: Settings, clock: ports.Clock, credential: CredentialFactory | None = None
) -> SqliteJournal | TableJournal:
    """The journal that JOURNAL_URL names; a table in the cloud is reached as whoever the credential is, by default the app."""
    match location.parse(settings.journal_url):
        case location.SqliteFile(path):
            return SqliteJournal(path)
        case location.TableStorage() as where:
            return TableJournal(where, credential=credential or managed_identity(settings.azure_client_id), clock=clock)


def build_records(settings: Settings, credential: CredentialFactory | None = None) -> SqliteRecords | TableRecords:
    """The records that all processes share, where the journal is; whoever needs them no more closes them."""
    match location.parse(settings.journal_url):
        case location.SqliteFile(path):
            return SqliteRecords(sqlite_records.beside(path))
        case location.TableStorage() as where:
            return TableRecords(where, credential=credential or managed_identity(settings.azure_client_id))


def build_permits(settings: Settings, clock: ports.Clock, record: ports.SharedRecord) -> SharedPermits:
    """The rate limit, which processes share through the record."""
    return SharedPermits(record, clock=clock, max_wait=settings.permit_max_wait)


def build_graph(settings: Settings, clock: ports.Clock, credential: CredentialFactory) -> GraphClient:
    """Graph, as whoever the credential is; whoever needs it no more closes it."""
    return GraphClient(clouds.at(settings.graph_endpoint), credential=credential, clock=clock)


def build_devices(
    settings: Settings,
    graph: GraphClient,
    clock: ports.Clock,
    *,
    permits: SharedPermits | None = None,
    batches: bool = False,
    in_hand: Callable[[], int] = gathering.nobody_else,
    last_size: LastSize | None = None,
    asking: Asking | None = None,
) -> GraphAutopilotDevices:
    """The Autopilot records in Graph, with the scan and the batches that all share; to be closed before Graph is.

    `in_hand` tells how many callers may join a batch at this moment. Without `permits` there is no quota but this process'
    own. Without `batches` reads are plain GETs, so that anybody on the way can see that a dry run writes nothing. `asking` is
    the adapter's.
    """
    return GraphAutopilotDevices(
        graph,
        clock=clock,
        directory_max_age=settings.directory_max_age,
        pace=Pace(clock, permits),
        batches=batches,
        in_hand=in_hand,
        last_size=last_size,
        asking=asking,
    )


def build_assignments(graph: GraphClient, clock: ports.Clock, permits: SharedPermits) -> GraphAssignments:
    """What assigns users in Graph, within the rate limit."""
    return GraphAssignments(graph, clock=clock, pace=Pace(clock, permits))


def build_users(settings: Settings, graph: GraphClient) -> GraphUsers | None:
    """The users in Graph, or None where the settings do not allow asking for them."""
    return GraphUsers(graph) if settings.resolve_users else None


def build_rules(settings: Settings) -> Rules:
    """What the settings say about the work itself."""
    return Rules(
        guard=Guard(
            max_devices_per_user=settings.max_devices_per_user,
            protected_users=settings.protected_users,
            protected_group_tags=settings.protected_group_tags,
            protected_serial_numbers=settings.protected_serial_numbers,
        ),
        dry_run=settings.dry_run,
        allow_resource_account=settings.allow_resource_account_unassign,
        message_max_age=settings.message_max_age,
        verify_after=settings.verify_after,
        verify_attempts=settings.verify_attempts,
        recoverability=recoverability.Policy(
            max_attempts=settings.retry_max_attempts,
            first_delay=settings.retry_first_delay,
            max_delay=settings.retry_max_delay,
            give_up_after=settings.retry_give_up_after,
            max_delivery_count=settings.max_delivery_count,
        ),
    )


def managed_identity(client_id: str) -> CredentialFactory:
    """A factory of the app's identity; azure-identity is imported when it is first called."""

    def create() -> "AsyncTokenCredential":
        from azure.identity.aio import ManagedIdentityCredential  # noqa: PLC0415 - a cold start need not wait for it

        # No retries inside: azure-core would sleep for as long as the endpoint says, under our lock. No proxy from the
        # environment: the request holds the endpoint's secret.
        return ManagedIdentityCredential(client_id=client_id or None, retry_total=0, use_env_settings=False)

    return create


def pseudonym(key: str) -> Callable[[str], str]:
    """A keyed hash, so that log lines about the same user or device can be told to be so, and nobody is named."""
    secret = key.encode() or secrets.token_bytes(32)
    return lambda identity: hmac.new(secret, identity.casefold().encode(), hashlib.sha256).hexdigest()[:16]
