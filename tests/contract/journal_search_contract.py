"""What every search of a journal must do, as cases that each implementation's test class inherits."""

import json
from dataclasses import replace
from typing import Any, Protocol

import pytest

from shared import ports
from shared.domain.device import AutopilotDevice
from shared.domain.history import Entry
from shared.domain.identifiers import EventId, SerialNumber, UserPrincipalName
from shared.journal_ports import JournalSearch
from shared.messaging.conclusion import Conclusion
from tests.contract.journal_contract import LAPTOP, a_conclusion, an_act, an_entry


class Searchable(ports.Journal, JournalSearch, Protocol):
    """A journal that can be searched."""


def about(event: str, user: str | None = None, serial_number: str | None = None) -> Entry:
    device = AutopilotDevice(
        autopilot_device_id=LAPTOP,
        user_principal_name=UserPrincipalName(user) if user is not None else None,
        serial_number=SerialNumber(serial_number) if serial_number is not None else None,
    )
    return replace(an_entry(event_id=EventId(event)), device=device)


def ended(event: str, ticket: str | None, **fields: Any) -> Conclusion:
    """How an event ended, with an outcome event that returns a ticket."""
    document = json.dumps({"data": {"ticket": ticket, "reason": "T-9"}})
    return replace(a_conclusion(document, EventId(event)), **fields)


class JournalSearchContract:
    """Inherit it and give a fixture `journal`."""

    async def test_nothing_is_found_in_an_empty_journal(self, journal: Searchable) -> None:
        assert list(await journal.of_user(UserPrincipalName("ada@contoso.com"))) == []
        assert list(await journal.of_serial_number(SerialNumber("SN-1"))) == []
        assert list(await journal.of_ticket("T-1")) == []

    async def test_all_that_names_a_user_is_found_once_each(self, journal: Searchable) -> None:
        for event in ("one", "other", "one"):
            await journal.append(about(event, "ada@contoso.com"))
        await journal.append(about("third", "grace@contoso.com"))
        await journal.append(about("device:d1"))
        await journal.conclude(a_conclusion())
        await journal.note(an_act())

        found = list(await journal.of_user(UserPrincipalName("ada@contoso.com")))

        assert sorted(found) == ["one", "other"]

    async def test_all_that_is_about_a_serial_number_is_found(self, journal: Searchable) -> None:
        await journal.append(about("one", "ada@contoso.com", "SN-1"))
        await journal.append(about("other", None, "SN-1"))
        await journal.append(about("third", "ada@contoso.com", "SN-10"))

        assert sorted(await journal.of_serial_number(SerialNumber("SN-1"))) == ["one", "other"]

    @pytest.mark.parametrize(
        ("written", "asked"),
        [
            ("Zoë.Straße@contoso.com", " ZOË.STRASSE@CONTOSO.COM "),
            ("o'hara@contoso.com", "O'Hara@contoso.com"),
            ("x" * 3_000, "X" * 3_000),
        ],
        ids=["case and space", "a quote", "very long"],
    )
    async def test_names_are_compared_as_everywhere(self, journal: Searchable, written: str, asked: str) -> None:
        await journal.append(about("one", written, written))

        assert list(await journal.of_user(UserPrincipalName(asked))) == ["one"]
        assert list(await journal.of_serial_number(SerialNumber(asked))) == ["one"]

    @pytest.mark.parametrize("asked", ["", " ", "%", "ada", "' or 'a' eq 'a", "x" * 2_999])
    async def test_rule_4_exact_match_or_nothing(self, journal: Searchable, asked: str) -> None:
        await journal.append(about("one", "ada@contoso.com", "ada@contoso.com"))
        await journal.append(about("blank", "", ""))
        await journal.append(about("none"))
        await journal.append(about("long", "x" * 3_000, "x" * 3_000))

        assert list(await journal.of_user(UserPrincipalName(asked))) == []
        assert list(await journal.of_serial_number(SerialNumber(asked))) == []

    async def test_all_that_ended_with_a_ticket_is_found_once_each(self, journal: Searchable) -> None:
        for end in (
            ended("one", "IT-7"),
            ended("one", "IT-7", run=1),
            ended("other", " it-7 "),
            ended("third", "IT-70"),
        ):
            await journal.conclude(end)
        await journal.conclude(ended("looked at", "IT-7", fingerprint="verify-0-f1"))
        await journal.append(about("begun", "IT-7", "IT-7"))

        assert sorted(await journal.of_ticket("it-7")) == ["looked at", "one", "other"]

    @pytest.mark.parametrize("asked", ["", " ", "%", "IT", "T-9", "' or 'a' eq 'a", "x" * 2_999])
    async def test_a_ticket_is_matched_as_a_whole_or_not_at_all(self, journal: Searchable, asked: str) -> None:
        await journal.conclude(ended("one", "IT-7"))
        await journal.conclude(ended("blank", ""))
        await journal.conclude(ended("long", "x" * 3_000))
        await journal.conclude(ended("none", None))
        await journal.conclude(a_conclusion("no document", EventId("odd")))
        await journal.conclude(a_conclusion('{"data": []}', EventId("odder")))

        assert list(await journal.of_ticket(asked)) == []
