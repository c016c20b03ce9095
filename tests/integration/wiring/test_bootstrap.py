"""From the settings to the parts: each setting arrives where it counts. Reads private attributes, which nothing else need know."""

from datetime import timedelta
from typing import Any

import pytest

from emulators.identity.emulator import IdentityEmulator
from shared import bootstrap
from shared.domain.guard import Guard
from shared.graph import clouds
from shared.graph.users import GraphUsers
from shared.journal.location import TableStorage
from shared.journal.sqlite import SqliteJournal
from shared.journal.sqlite_records import SqliteRecords
from shared.journal.table import TableJournal
from shared.journal.table_records import TableRecords
from shared.messaging import recoverability
from shared.processor import Queues
from shared.servicebus.connection import Connection
from shared.settings import fields
from tests.integration.wiring.wired import AZURE, LOCAL, built


def test_every_setting_is_given_a_value_here_that_is_not_its_default() -> None:
    given = {**LOCAL, **AZURE}

    assert set(given) == {setting.name for setting in fields.TABLE.values()}
    assert [s.name for s in fields.TABLE.values() if s.kind.parse(given[s.name]) == s.kind.parse(s.default or "")] == []


def test_the_processor_goes_by_its_settings() -> None:
    processor = built(LOCAL).processor

    assert processor.dry_run is processor.verifications.dry_run is True
    assert processor.runs.message_max_age == processor.conclusions.message_max_age == timedelta(days=8)
    assert processor.follow_ups.verify_after == timedelta(minutes=11)
    assert (processor.verifications.attempts, processor.verifications.give_up_after) == (2, timedelta(hours=5))
    assert processor.policy == recoverability.Policy(
        max_attempts=41,
        first_delay=timedelta(seconds=2),
        max_delay=timedelta(minutes=3),
        give_up_after=timedelta(hours=5),
        max_delivery_count=7,
    )
    assert processor.queues == Queues(user_offboarding="left", device_retirement="gone", verification="later")
    assert processor.follow_ups.queue == "later"
    assert 0 <= processor.jitter() < 1
    assert len({processor.jitter() for _ in range(10)}) > 1


def test_the_handlers_go_by_their_settings() -> None:
    parts = built(LOCAL)
    guard = Guard(
        max_devices_per_user=3,
        protected_users=("chief@contoso.com", "*@board.contoso.com"),
        protected_group_tags=("kiosk",),
        protected_serial_numbers=("SN-1",),
    )

    assert parts.resolver.guard == parts.unassigner.guards.guard == guard
    assert parts.handlers.live is not None
    assert parts.handlers.dry is not None
    assert parts.handlers.live._limit == parts.handlers.dry._limit == 44
    assert parts.handlers.live._record is not parts.handlers.dry._record
    assert parts.unassigner.comparer.verify_after == timedelta(minutes=11)
    assert parts.devices._snapshot._max_age == timedelta(seconds=9)
    assert parts.graph.cloud == clouds.US_GOVERNMENT_L4


@pytest.mark.parametrize("on", ["DRY_RUN", "ALLOW_RESOURCE_ACCOUNT_UNASSIGN", "RESOLVE_USERS", None])
def test_each_switch_switches_what_it_names_and_all_are_off_by_default(on: str | None) -> None:
    switches = ("DRY_RUN", "ALLOW_RESOURCE_ACCOUNT_UNASSIGN", "RESOLVE_USERS")
    parts = built({name: value for name, value in LOCAL.items() if name not in switches or name == on})

    users = parts.resolver.leavers.users
    states = (parts.processor.dry_run, parts.resolver.allow_resource_account, isinstance(users, GraphUsers))
    assert states == tuple(name == on for name in switches)
    assert (users is None) == (on != "RESOLVE_USERS")


def test_the_parts_are_one_of_each_kind() -> None:
    parts = built(LOCAL)
    users = parts.resolver.leavers.users

    assert isinstance(users, GraphUsers)
    assert users._client is parts.graph
    assert parts.unassigner.devices is parts.devices
    assert parts.unassigner.recorder._journal is parts.journal
    assert parts.publisher._link._connection is parts.connection
    assert isinstance(parts.processor.clock, bootstrap.SystemClock)


def test_rule_11_every_call_has_a_deadline_of_twenty_seconds_at_most() -> None:
    for environment in (LOCAL, AZURE):
        parts = built(environment)
        assert isinstance(parts.journal, SqliteJournal | TableJournal)
        deadlines = (parts.graph._deadline, parts.journal._deadline, parts.connection.limits.call)

        assert timedelta(0) < min(deadlines) <= max(deadlines) <= timedelta(seconds=20)


def namespace_of(connection: Connection) -> str:
    return connection._client_of_process().fully_qualified_namespace


async def test_service_bus_is_reached_by_key_or_by_identity_and_outcomes_go_to_their_topic(
    identity: IdentityEmulator,
) -> None:
    for environment, where in ((LOCAL, "127.0.0.1:1"), (AZURE, "contoso.servicebus.windows.net")):
        parts = built(environment)

        assert namespace_of(parts.connection) == where
        assert (parts.connection._credential is None) == (environment is LOCAL)
        topic = parts.publisher._link._attach(parts.connection._client_of_process())
        assert (topic.entity_name, parts.publisher._topic) == ("told", "told")
        await parts.processor.close()


def test_the_journal_is_the_one_that_its_url_names() -> None:
    local, cloud = built(LOCAL).journal, built(AZURE).journal

    assert isinstance(local, SqliteJournal)
    assert str(local._path) == "never-made.sqlite3"
    assert isinstance(cloud, TableJournal)
    assert cloud._where == TableStorage("https://account.table.core.windows.net", "journal")
    assert isinstance(cloud._clock, bootstrap.SystemClock)


def test_the_shared_records_lie_where_the_journal_does() -> None:
    local, cloud = (bootstrap.build_records(bootstrap.load_settings(environment)) for environment in (LOCAL, AZURE))

    assert isinstance(local, SqliteRecords)
    assert str(local._path) == "never-made.sqlite3-records"
    assert isinstance(cloud, TableRecords)
    assert cloud._where == TableStorage("https://account.table.core.windows.net", "journal")


@pytest.mark.parametrize("environment", [LOCAL, AZURE], ids=["local", "azure"])
def test_the_journal_is_cleaned_of_what_is_older_than_the_retention(environment: dict[str, str]) -> None:
    parts = built(environment)
    clean_up: Any = parts.processor.clean_up.__self__  # type: ignore[attr-defined]

    assert clean_up.retention == timedelta(days=400)
    assert clean_up.journal is parts.journal
    assert clean_up.record.name == "clean-up"


@pytest.mark.parametrize("environment", [LOCAL, AZURE], ids=["local", "azure"])
def test_processes_share_the_quota_by_the_record_of_that_name(environment: dict[str, str]) -> None:
    permits: Any = built(environment).resolver.permits

    assert permits._shared._record.name == "quota"
