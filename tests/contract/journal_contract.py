"""What every journal must do, as cases that each implementation's test class inherits."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from shared import ports
from shared.domain.acts import Act, ActKind
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, Step
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    EventId,
    ManagedDeviceId,
    SerialNumber,
    UserPrincipalName,
)
from shared.messaging.conclusion import Conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter

EVENT: Final = EventId("hr-4711")
NOON: Final = datetime(2026, 11, 3, 12, 0, 0, 250, tzinfo=UTC)
LAPTOP: Final = AutopilotDeviceId("00000000-0000-0000-0000-000000000001")
PHONE: Final = AutopilotDeviceId("00000000-0000-0000-0000-000000000002")


def an_entry(step: Step = Step.FOUND, device: AutopilotDeviceId = LAPTOP, event_id: EventId = EVENT) -> Entry:
    return Entry(
        event_id=event_id,
        run=0,
        attempt=1,
        step=step,
        action=Action.UNASSIGN_USER,
        device=AutopilotDevice(autopilot_device_id=device, user_principal_name=UserPrincipalName("ada@contoso.com")),
        at=NOON,
    )


def a_conclusion(document: str = '{"id":"hr-4711:0"}', event_id: EventId = EVENT) -> Conclusion:
    return Conclusion(
        event_id=event_id,
        run=0,
        dry_run=False,
        fingerprint="f1",
        settlement=Complete(),
        document=document,
        at=NOON,
    )


def an_act() -> Act:
    return Act(
        event_id=EVENT,
        kind=ActKind.OVERRIDE,
        act_id="6f1c0a52/1",
        run=1,
        operator="Grace Höpper",
        reason='the "board" asked for it',
        at=NOON,
        fingerprint="f1.f2",
    )


class JournalContract:
    """Inherit it and give a fixture `journal`."""

    async def test_an_unknown_event_has_no_record(self, journal: ports.Journal) -> None:
        await journal.append(an_entry())

        record = await journal.read(EventId("hr-0815"))

        assert record.history.entries == ()
        assert list(record.conclusions) == []

    async def test_entries_are_read_in_the_order_in_which_they_were_written(self, journal: ports.Journal) -> None:
        written = [
            an_entry(Step.INTENT, PHONE),
            an_entry(Step.FOUND, LAPTOP),
            replace(an_entry(Step.ACCEPTED, PHONE), at=NOON - timedelta(hours=1)),
        ]

        for entry in written:
            await journal.append(entry)

        assert list((await journal.read(EVENT)).history.entries) == written

    async def test_every_field_of_an_entry_survives(self, journal: ports.Journal) -> None:
        device = AutopilotDevice(
            autopilot_device_id=LAPTOP,
            serial_number=SerialNumber("5CG1234ÄÖ\N{ROCKET}"),
            user_principal_name=UserPrincipalName("ada@contoso.com"),
            addressable_user_name="Ada 'Countess' \"Lovelace\"",
            resource_name="",
            group_tag="kiosk\0tag",
            managed_device_id=ManagedDeviceId("m"),
            entra_device_id=EntraDeviceId("e"),
        )
        entry = Entry(
            event_id=EVENT,
            run=2,
            attempt=17,
            step=Step.ACCEPTED,
            action=Action.UNASSIGN_RESOURCE_ACCOUNT,
            device=device,
            at=NOON,
            dry_run=True,
        )

        await journal.append(entry)

        assert (await journal.read(EVENT)).history.entries == (entry,)

    async def test_an_entry_written_twice_answers_the_same_questions(self, journal: ports.Journal) -> None:
        intent, accepted = an_entry(Step.INTENT), an_entry(Step.ACCEPTED)

        for entry in (intent, intent, accepted, accepted):
            await journal.append(entry)

        history = (await journal.read(EVENT)).history
        assert history.devices() == (LAPTOP,)
        assert history.first(LAPTOP, Action.UNASSIGN_USER) == intent
        assert history.accepted(LAPTOP, Action.UNASSIGN_USER) == accepted

    @pytest.mark.parametrize(
        "other", ["HR-4711", "hr-4711 ", " hr-4711", "hr-47110", "hr-471_", "hr-4711%", "", "ßÄ/\\?#"]
    )
    async def test_event_ids_are_told_apart_to_the_letter(self, journal: ports.Journal, other: str) -> None:
        await journal.append(an_entry())
        await journal.append(an_entry(event_id=EventId(other)))
        await journal.conclude(a_conclusion(event_id=EventId(other)))

        record = await journal.read(EventId(other))

        assert record.history.entries == (an_entry(event_id=EventId(other)),)
        assert list(record.conclusions) == [a_conclusion(event_id=EventId(other))]
        assert list((await journal.read(EVENT)).conclusions) == []

    async def test_a_run_is_concluded_once_and_keeps_its_first_conclusion(self, journal: ports.Journal) -> None:
        first = a_conclusion("first")
        late = replace(
            a_conclusion("late"), settlement=DeadLetter(Reason.STALE_MESSAGE, "late"), at=NOON + timedelta(days=1)
        )

        answers = [await journal.conclude(first), await journal.conclude(late)]

        assert answers == [first, first]
        assert list((await journal.read(EVENT)).conclusions) == [first]

    async def test_conclusions_of_another_run_mode_or_content_stand_beside_it(self, journal: ports.Journal) -> None:
        first = a_conclusion()
        written = [first, replace(first, run=1), replace(first, dry_run=True), replace(first, fingerprint="f2")]

        answers = [await journal.conclude(conclusion) for conclusion in written]

        assert answers == written
        assert list((await journal.read(EVENT)).conclusions) == written

    async def test_a_dead_letter_and_its_document_survive(self, journal: ports.Journal) -> None:
        settlement = DeadLetter(Reason.GRAPH_REQUEST_REJECTED, "request 1-2-3 said “no” \N{ROCKET}")
        written = replace(a_conclusion('{"data": {"b": 1, "a": [1.0, "\\u00e4ä"]}}\n'), settlement=settlement)

        answer = await journal.conclude(written)

        assert answer == written
        assert list((await journal.read(EVENT)).conclusions) == [written]

    async def test_of_many_who_conclude_at_once_all_hear_of_the_same_one(self, journal: ports.Journal) -> None:
        answers = await asyncio.gather(*(journal.conclude(a_conclusion(f"document {n}")) for n in range(20)))

        assert len({answer.document for answer in answers}) == 1
        assert list((await journal.read(EVENT)).conclusions) == answers[:1]

    async def test_what_an_operator_did_is_read_with_its_event(self, journal: ports.Journal) -> None:
        act = an_act()

        answer = await journal.note(act)

        assert answer == act
        assert list((await journal.read(EVENT)).acts) == [act]
        assert list((await journal.read(EventId("hr-0815"))).acts) == []

    async def test_an_act_is_on_record_once_whoever_writes_it(self, journal: ports.Journal) -> None:
        first = await journal.note(an_act())

        again = await journal.note(replace(an_act(), operator="somebody else", run=7))

        assert again == first
        assert list((await journal.read(EVENT)).acts) == [first]

    async def test_acts_of_other_kinds_and_ids_are_other_acts(self, journal: ports.Journal) -> None:
        acts = [an_act(), replace(an_act(), kind=ActKind.DISCARD), replace(an_act(), act_id="another")]

        for act in acts:
            await journal.note(act)

        assert list((await journal.read(EVENT)).acts) == acts
