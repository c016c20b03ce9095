import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, Step
from shared.journal import rows
from shared.messaging.conclusion import Conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DESCRIPTION_LIMIT, Complete, DeadLetter
from tests.contract.journal_contract import NOON, a_conclusion, an_entry

texts = st.text(max_size=20)
moments = st.datetimes(timezones=st.just(UTC))
devices = st.builds(
    AutopilotDevice,
    autopilot_device_id=texts,
    serial_number=st.none() | texts,
    user_principal_name=st.none() | texts,
    addressable_user_name=st.none() | texts,
    resource_name=st.none() | texts,
    group_tag=st.none() | texts,
    managed_device_id=st.none() | texts,
    entra_device_id=st.none() | texts,
)
entries = st.builds(
    Entry,
    event_id=texts,
    run=st.integers(0, 9),
    attempt=st.integers(1, 300),
    step=st.sampled_from(Step),
    action=st.sampled_from(Action),
    device=devices,
    at=moments,
    dry_run=st.booleans(),
)
settlements = st.just(Complete()) | st.builds(
    DeadLetter, st.sampled_from(Reason), st.text(max_size=2 * DESCRIPTION_LIMIT)
)
conclusions = st.builds(
    Conclusion,
    event_id=texts,
    run=st.integers(0, 9),
    dry_run=st.booleans(),
    fingerprint=texts,
    settlement=settlements,
    document=texts,
    at=moments,
)


@given(entries)
def test_any_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert rows.to_entry(rows.from_entry(entry)) == entry


@given(conclusions)
def test_any_conclusion_comes_back_as_it_was(conclusion: Conclusion) -> None:
    assert rows.to_conclusion(rows.from_conclusion(conclusion)) == conclusion


def test_a_row_is_plain_json_that_a_person_can_read() -> None:
    row = json.loads(rows.from_entry(an_entry()))

    assert row == {
        "eventId": "hr-4711",
        "run": 0,
        "attempt": 1,
        "step": "found",
        "action": "unassignUser",
        "device": {
            "autopilotDeviceId": "00000000-0000-0000-0000-000000000001",
            "userPrincipalName": "ada@contoso.com",
        },
        "at": "2026-11-03T12:00:00.000250+00:00",
        "dryRun": False,
        "fingerprint": "",
    }


def test_a_dead_letter_is_told_apart_by_its_kind() -> None:
    conclusion = replace(a_conclusion(), settlement=DeadLetter(Reason.STALE_MESSAGE, "old"))

    row = json.loads(rows.from_conclusion(conclusion))

    assert row["settlement"] == {"kind": "deadLetter", "reason": "StaleMessage", "description": "old"}
    assert json.loads(rows.from_conclusion(a_conclusion()))["settlement"] == {"kind": "complete"}


def test_times_are_kept_in_utc() -> None:
    in_berlin = NOON.astimezone(timezone(timedelta(hours=1)))

    row = rows.from_entry(replace(an_entry(), at=in_berlin))

    assert json.loads(row)["at"] == NOON.isoformat()


def test_a_naive_time_is_taken_for_utc() -> None:
    naive = datetime(2026, 11, 3, 12, 0, 0, 250)  # noqa: DTZ001 - what a careless caller would pass

    assert rows.to_entry(rows.from_entry(replace(an_entry(), at=naive))).at == NOON


def test_keys_of_a_later_version_are_read_over() -> None:
    row = json.loads(rows.from_entry(an_entry())) | {"operator": "someone"}
    row["device"]["colour"] = "grey"

    assert rows.to_entry(json.dumps(row)) == an_entry()


@pytest.mark.parametrize(
    "change",
    [{"step": "undone"}, {"action": "wipe"}, {"at": "yesterday"}, {"at": 7}, {"device": None}, {"device": {}}],
    ids=str,
)
def test_an_entry_that_this_version_cannot_read_is_never_guessed(change: dict[str, object]) -> None:
    row = json.loads(rows.from_entry(an_entry())) | change

    with pytest.raises(rows.UnreadableRow):
        rows.to_entry(json.dumps(row))


@pytest.mark.parametrize(
    "settlement",
    [
        None,
        {},
        {"kind": "abandon"},
        {"kind": "deadLetter", "reason": "Unheard", "description": ""},
        {"kind": "deadLetter"},
    ],
    ids=str,
)
def test_a_settlement_that_this_version_cannot_read_is_never_guessed(settlement: object) -> None:
    row = json.loads(rows.from_conclusion(a_conclusion())) | {"settlement": settlement}

    with pytest.raises(rows.UnreadableRow):
        rows.to_conclusion(json.dumps(row))


def test_a_missing_key_makes_a_row_unreadable() -> None:
    for key in json.loads(rows.from_entry(an_entry())):
        row = json.loads(rows.from_entry(an_entry()))
        del row[key]
        with pytest.raises(rows.UnreadableRow):
            rows.to_entry(json.dumps(row))
