"""A file that is sent again: what was handled, or is in the queue, is told and left out, whatever the queue remembers."""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage, ServiceBusReceiveMode

from cli.events import OutgoingEvent
from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.clock import SystemClock
from emulators.servicebus.faults import Fault
from emulators.servicebus.rights import Claim
from emulators.servicebus.trace import Operation
from shared.domain.acts import Act, ActKind
from shared.domain.history import Step
from shared.domain.identifiers import EventId
from shared.messaging import conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter
from tests import builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.leaver_files import COLUMNS, arrived, leavers, write
from tests.integration.cli.recorded import ended
from tests.integration.cli.recorded import write as record
from tests.integration.cli.waiting import until


def told(offboard: Offboard, file: str, *more: str, code: int = 0) -> Mapping[str, object]:
    result = offboard("send", "--csv", file, *COLUMNS, *more, "--json", "--yes")
    assert result.exit_code == code, result.stderr
    document: Mapping[str, object] = json.loads(result.stdout)
    return document


def handled(journal: Path, file: Mapping[str, object], rows: list[int], *, first: int = 0, **fields: object) -> None:
    """Write into the journal that these of a file's rows, as `--json` told them, were handled; `first` numbers the first leaver."""
    events = file["events"]
    assert isinstance(events, list)
    for each in events:
        if each["row"] in rows:
            user = {"userPrincipalName": f"leaver{each['row'] - 2 + first}@again.example"}
            event = OutgoingEvent("user.offboarded", {"eventId": each["eventId"], "user": user}, each["eventId"])
            contents = {"fingerprint": conclusion.fingerprint(event.decoded()), "at": SystemClock().now()}
            record(journal, ended(f"user.offboarded:{each['eventId']}", **{**contents, **fields}))


@pytest.fixture(autouse=True)
def _empty_again(parts: LocalParts) -> Iterator[None]:
    yield
    take_all(parts)


def take_all(parts: LocalParts) -> None:
    """As the service does: the queue is empty, and remembers the ids."""
    with (
        ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client,
        client.get_queue_receiver(USER_OFFBOARDING, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver,
    ):
        while parts.service_bus.snapshot(USER_OFFBOARDING).active:
            receiver.receive_messages(1000, max_wait_time=5)


def test_what_was_handled_is_told_with_its_outcome_and_not_sent(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(5)))
    first = told(offboard, file)
    take_all(parts)
    handled(tmp_path / "journal.sqlite3", first, [2, 3, 5], outcome="unassigned")
    refused = DeadLetter(Reason.PROTECTED_USER, "the user is named in PROTECTED_USERS")
    handled(tmp_path / "journal.sqlite3", first, [6], outcome="failed", settlement=refused)

    again, for_people = told(offboard, file, code=1), offboard("send", "--csv", file, *COLUMNS, "--yes")

    events = again["events"]
    assert isinstance(events, list)
    assert first["sent"] == 5
    assert again["sent"] == 1
    assert [(each["row"], each["standing"], each["outcome"]) for each in events] == [
        (2, "handled", "unassigned"),
        (3, "handled", "unassigned"),
        (4, "sent", None),
        (5, "handled", "unassigned"),
        (6, "handled", "failed"),
    ]
    assert [bool(each["endedAt"]) for each in events] == [True, True, False, True, True]
    today = f"{SystemClock().now():%Y-%m-%d}"
    assert for_people.exit_code == 1
    sent, next_step = for_people.stdout.splitlines()
    assert sent.endswith(f"; not again: 4 handled already (3 unassigned, 1 failed; ended {today})")
    assert next_step.startswith("offboard status ")
    assert "1 of those that were handled already failed, and is not sent again: offboard dlq list" in for_people.stderr


def test_what_was_undone_since_is_counted_and_the_way_to_have_it_acted_on_told(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(60, 63)))
    first = told(offboard, file)
    take_all(parts)
    handled(tmp_path / "journal.sqlite3", first, [2, 3], first=60, outcome="unassigned")
    events = first["events"]
    assert isinstance(events, list)
    event_id = f"user.offboarded:{events[0]['eventId']}"
    record(tmp_path / "journal.sqlite3", builders.entry(Step.RESTORED, at=SystemClock().now(), event_id=event_id))

    again = offboard("send", "--csv", file, *COLUMNS, "--yes")

    assert again.stdout.startswith("sent 1 user.offboarded")
    assert "1 of them undone since (--again WORD has them acted on)" in again.stdout


def test_what_is_handled_while_it_looks_is_not_sent(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(20, 22)))
    first = told(offboard, file)
    broker = parts.service_bus
    refused = broker.faults.add(
        Fault(entity=USER_OFFBOARDING, operation=Operation.PEEK)
    )  # which makes it wait and ask again
    with (
        ServiceBusClient.from_connection_string(broker.connection_string) as client,
        client.get_queue_receiver(USER_OFFBOARDING, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver,
        ThreadPoolExecutor() as elsewhere,
    ):

        def the_service() -> None:
            until(lambda: any(each.fault and each.operation is Operation.PEEK for each in broker.trace))
            handled(tmp_path / "journal.sqlite3", first, [2, 3], first=20, outcome="unassigned")
            receiver.receive_messages(10, max_wait_time=5)

        at_work = elsewhere.submit(the_service)
        again = told(offboard, file)
        at_work.result()
    broker.faults.lift(refused)

    assert again["sent"] == 0


def test_an_event_id_that_stands_for_something_else_is_a_wrong_row(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(10, 12)))
    rows = ["--again", "another time"]
    first = told(offboard, file, "--dry-run", *rows)
    take_all(parts)
    events = first["events"]
    assert isinstance(events, list)
    for each in events:
        record(tmp_path / "journal.sqlite3", ended(f"user.offboarded:{each['eventId']}", fingerprint="x", dry_run=True))

    refused = offboard("send", "--csv", file, *COLUMNS, "--dry-run", *rows, "--yes")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "row 2: $.eventId: was used by an event about something else" in refused.stderr
    assert "nothing was done: 2 rows need mending in leavers.csv" in refused.stderr


def test_a_dry_run_on_record_does_not_stand_in_the_way_of_a_live_one(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(2)))
    first = told(offboard, file, "--again", "dry")
    take_all(parts)
    handled(tmp_path / "journal.sqlite3", first, [2, 3], outcome="wouldUnassign", dry_run=True)

    dry = told(offboard, file, "--again", "dry", "--dry-run")
    live = offboard("send", "--csv", file, *COLUMNS, "--again", "dry", "--yes")

    assert dry["sent"] == 0
    assert live.stdout.startswith("sent 2 user.offboarded")


def test_what_the_service_handled_dry_arrives_live_within_the_hour_and_once(
    offboard: Offboard, parts: LocalParts, settings: dict[str, str], tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(30, 32)))
    dry = offboard(
        "send", "--csv", file, *COLUMNS, "--json", "--yes", settings=settings | {"DRY_RUN": "true"}
    )  # the rows do not say dryRun
    take_all(parts)
    handled(
        tmp_path / "journal.sqlite3", json.loads(dry.stdout), [2, 3], first=30, outcome="wouldUnassign", dry_run=True
    )

    live, once_more = told(offboard, file), told(offboard, file)

    ids = [str(each.message_id) for each in parts.service_bus.snapshot(USER_OFFBOARDING).active]
    assert live["sent"] == 2
    assert once_more["sent"] == 0
    assert arrived(parts, "again.example") == ["leaver30@again.example", "leaver31@again.example"]
    assert all(each.partition("-live-")[2] for each in ids)


def test_what_was_discarded_arrives_when_it_is_sent_again(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(40, 42)))
    first = told(offboard, file)
    take_all(parts)
    events = first["events"]
    assert isinstance(events, list)
    event_id = EventId(f"user.offboarded:{events[0]['eventId']}")
    discard = Act(
        event_id=event_id,
        kind=ActKind.DISCARD,
        act_id="m#1",
        run=0,
        operator="Grace",
        reason="too soon",
        at=SystemClock().now(),
    )
    record(tmp_path / "journal.sqlite3", discard)

    told(offboard, file)

    assert arrived(parts, "again.example") == ["leaver40@again.example"], (
        "the other one is dropped: nothing became of it"
    )


def test_an_event_id_of_long_ago_is_a_wrong_row(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    file = write(tmp_path / "leavers.csv", leavers("again.example", range(50, 52)))
    first = told(offboard, file)
    take_all(parts)
    at = SystemClock().now() - timedelta(days=8)
    handled(tmp_path / "journal.sqlite3", first, [3], first=50, outcome="unassigned", at=at)

    refused = offboard("send", "--csv", file, *COLUMNS, "--yes")

    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"row 3: $.eventId: was used by an event that ended on {at:%Y-%m-%d}: " in refused.stderr
    assert "--again WORD" in refused.stderr


def test_a_scheduled_copy_counts_for_the_message_that_it_is_a_copy_of(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("copied.example", range(2)))
    first = told(offboard, file)
    events = first["events"]
    assert isinstance(events, list)
    take_all(parts)
    original = f"{events[0]['eventId']}-live"
    properties = dict[str | bytes, Any]({"copy": 1, "originalMessageId": original})
    copy = ServiceBusMessage(b"{}", message_id=f"{original}:1", application_properties=properties)
    later = SystemClock().now() + timedelta(hours=1)
    with (
        ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client,
        client.get_queue_sender(USER_OFFBOARDING) as sender,
    ):
        numbers = sender.schedule_messages(copy, later)
        again = told(offboard, file)
        sender.cancel_scheduled_messages(numbers)

    assert [each["standing"] for each in again["events"]] == ["inQueue", "sent"]  # type: ignore[attr-defined]


def test_without_journal_and_right_to_receive_it_is_sent_and_said_that_nobody_looked(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("blind.example", range(2)))
    parts.service_bus.rights.deny(USER_OFFBOARDING, Claim.LISTEN)

    result = offboard("send", "--csv", file, *COLUMNS, "--yes")
    parts.service_bus.rights.grant(USER_OFFBOARDING, Claim.LISTEN)

    assert result.exit_code == 0
    assert len(arrived(parts, "blind.example")) == 2
    assert "not looked into, for what was sent before: the journal (JOURNAL_URL names " in result.stderr
    assert (
        "user-offboarding (no right to receive); none is acted on twice, and Service Bus may drop what" in result.stderr
    )


def test_where_nothing_is_left_nobody_is_asked(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    file = write(tmp_path / "leavers.csv", leavers("asked-again.example", range(2)))
    told(offboard, file)

    result = offboard("send", "--csv", file, *COLUMNS)

    assert result.exit_code == 0
    assert "sent 0 user.offboarded" in result.stdout
    assert "Send " not in result.stderr
