"""One event that is sent under an id which the journal knows."""

from datetime import datetime, timedelta
from pathlib import Path

from cli.events import OutgoingEvent
from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.clock import SystemClock
from shared.domain.history import Step
from shared.messaging import conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter
from tests import builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.recorded import LONG_AGO, ended, write

ANNA = ("--user", "anna@contoso.example", "--yes")


def handled(journal: Path, event_id: str, at: datetime, **ending: object) -> None:
    event = OutgoingEvent("user.offboarded", {"user": {"userPrincipalName": ANNA[1]}}, event_id)
    fields: dict[str, object] = {"fingerprint": conclusion.fingerprint(event.decoded()), "outcome": "unassigned"}
    write(journal, ended(f"user.offboarded:{event_id}", at=at, **(fields | ending)))


def test_an_event_that_was_handled_is_sent_and_said_to_touch_nothing(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    now = SystemClock().now()
    handled(tmp_path / "journal.sqlite3", "A-1", now)

    again = offboard("send", *ANNA, "--event-id", "A-1")
    another = offboard("send", *ANNA, "--event-id", "A-2")

    assert (again.exit_code, again.stdout) == (
        0,
        "sent user.offboarded A-1 to user-offboarding\noffboard status A-1 tells what became of it\n",
    )
    assert f"event A-1 was handled already: it ended on {now:%Y-%m-%d %H:%M} UTC with unassigned" in again.stderr
    assert (another.exit_code, another.stderr) == (0, "")


def test_an_event_id_of_long_ago_or_of_something_else_is_not_sent(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    before = len(parts.service_bus.snapshot(USER_OFFBOARDING).active)
    handled(tmp_path / "journal.sqlite3", "A-3", SystemClock().now() - timedelta(days=8))
    write(tmp_path / "journal.sqlite3", ended("user.offboarded:A-4", fingerprint="of somebody else"))

    used_up = [offboard("send", *ANNA, "--event-id", each) for each in ("A-3", "A-4")]

    assert [result.exit_code for result in used_up] == [2, 2]
    assert all("nothing was sent, as the service would refuse it: $.eventId: " in result.stderr for result in used_up)
    assert len(parts.service_bus.snapshot(USER_OFFBOARDING).active) == before


def test_an_event_that_was_undone_is_said_to_need_a_new_id(offboard: Offboard, tmp_path: Path) -> None:
    handled(tmp_path / "journal.sqlite3", "A-5", SystemClock().now())
    undone = builders.entry(Step.RESTORED, at=LONG_AGO, event_id="user.offboarded:A-5")
    write(tmp_path / "journal.sqlite3", undone)

    result = offboard("send", *ANNA, "--event-id", "A-5")

    assert "with unassigned, and was undone on 2026-11-02 09:30 UTC" in result.stderr
    assert "give it a new event id" in result.stderr


def test_an_event_that_a_guard_refused_at_first_is_said_to_become_a_dead_letter_again(
    offboard: Offboard, tmp_path: Path
) -> None:
    refused = DeadLetter(Reason.TOO_MANY_DEVICES, "12 devices")
    handled(tmp_path / "journal.sqlite3", "A-6", SystemClock().now(), settlement=refused, outcome="failed")

    result = offboard("send", *ANNA, "--event-id", "A-6")

    assert "it becomes a dead letter again (TooManyDevices), as at first." in result.stderr
    assert "release it, and replay its dead letter: offboard dlq list" in result.stderr
    assert "new event id" not in result.stderr
