"""All checks together: settings first, since the others go by them; then Graph, Service Bus and the journal side by side."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from cli import signing_in
from cli.doctor import clock, findings, graph, graph_rights, identity, journal, service_bus, settings, versions
from cli.doctor.findings import Finding
from cli.doctor.service_bus import Entity
from cli.doctor.settings import Examined
from shared import bootstrap
from shared.graph import clouds
from shared.settings.fields import CONNECTION, NAMESPACE, TABLE

_QUEUES: Final = ("user_offboarding_queue", "device_retirement_queue", "verification_queue")
_TOPIC: Final = "outcomes_topic"


async def examine(environment: Mapping[str, str]) -> Sequence[Finding]:
    """Everything that was found, in the order in which it is best mended."""
    examined = settings.check(environment)
    parts = await asyncio.gather(_graph(examined), _service_bus(examined), _journal(examined))
    return [*versions.check(), *examined.findings, *(each for part in parts for each in part)]


async def _graph(examined: Examined) -> Sequence[Finding]:
    given = examined.settings
    if not examined.usable("GRAPH_ENDPOINT"):
        return [_skipped("graph", "GRAPH_ENDPOINT")]
    signed_in = await identity.check(signing_in.signed_in, clouds.at(given.graph_endpoint).scope)
    found, answered = [signed_in.finding], None
    if signed_in.claims is not None:
        found += graph_rights.check(signed_in.claims, resolve_users=given.resolve_users)
    if signed_in.token is not None:
        finding, answered = await graph.check(given, signed_in.token)
        found.append(finding)
    issued_at = signed_in.claims.issued_at if signed_in.claims else None
    return [*found, clock.check(answered, issued_at, now=bootstrap.SystemClock().now())]


async def _service_bus(examined: Examined) -> Sequence[Finding]:
    given = examined.settings
    if not (
        examined.usable(CONNECTION) and examined.usable(NAMESPACE) and (given.connection_string or given.namespace)
    ):
        return [_skipped("service bus", CONNECTION)]
    named = [(TABLE[field].name, getattr(given, field), field == _TOPIC) for field in (*_QUEUES, _TOPIC)]
    entities = [Entity(setting=setting, name=name, topic=topic) for setting, name, topic in named if name]
    connection = bootstrap.build_connection(given, signing_in.signed_in_with(given.connection_client_id))
    try:
        return await service_bus.check(connection, entities)
    finally:
        await connection.close()


async def _journal(examined: Examined) -> Sequence[Finding]:
    if not examined.usable("JOURNAL_URL"):
        return [_skipped("journal", "JOURNAL_URL")]
    return [await journal.check(examined.settings)]


def _skipped(check: str, setting: str) -> Finding:
    return findings.warn(check, f"not checked: {setting} leads nowhere", f"mend {setting}, and try again")
