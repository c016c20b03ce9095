"""Rule 9: nothing personal in logs, at any level; one line tells how a message ended."""

import logging
from collections.abc import Awaitable, Callable

import pytest

from shared import ports
from shared.domain import errors
from shared.messaging.settlement import DeadLetter
from tests import builders
from tests.scene import Scene

PERSONAL = ("leaver", "successor", "lastname", builders.SERIAL_NUMBER.casefold(), "room 1", "geheim")
FACTS = {"addressable_user_name": "Leaver Lastname", "resource_name": "Room 1"}


async def all_is_well(scene: Scene) -> None:
    await scene.offboard(body=builders.offboarded_body(reason="geheim", requestedBy="leaver", ticket="successor"))
    await scene.retire(message_id="m-2", body={"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}})


async def hostile_bodies(scene: Scene) -> None:
    bodies = [
        b"geheim",
        b'{"leaver@contoso.com":"\\ud800"}',
        b'{"user":{"userPrincipalName":"leaver lastname"}}',
        b'{"user":{"id":"geheim"},"leaver lastname\\ud800":1}',
        b'{"user":{"userPrincipalName":"leaver@contoso.com"},"dryRun":"geheim"}',
    ]
    for number, body in enumerate(bodies):
        await scene.offboard(message_id=f"m-{number}", body=body)


async def bugs(scene: Scene) -> None:
    for call in ("journal.read", "graph.directory", "graph.get", "graph.unassign", "journal.conclude", "publish"):
        scene.script.fail(call, RuntimeError(f"geheim {builders.LEAVER} {builders.SERIAL_NUMBER}"))
        await scene.offboard(message_id=f"m-{call}", delivery_count=10)


async def refusals(scene: Scene) -> None:
    await scene.retire(message_id="m-1", body={"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-twin"}})
    await scene.offboard(message_id="m-2", body={"user": {"id": builders.LEAVER_ID}})
    await scene.offboard(message_id="m-3", body=builders.offboarded_body(occurredAt="2020-01-01T00:00:00Z"))
    scene.script.fail("graph.unassign", errors.GraphRequestRejected("400, request id r-1"))
    await scene.offboard(message_id="m-4")
    scene.script.fail("settle", ports.SettlementFailed("queue user-offboarding: lock lost", lock_lost=True))
    await scene.offboard(message_id="m-5")


SCENARIOS = [all_is_well, hostile_bodies, bugs, refusals]


@pytest.mark.parametrize("play", SCENARIOS, ids=[each.__name__ for each in SCENARIOS])
async def test_rule_9_no_log_line_and_no_dead_letter_holds_anything_personal(
    play: Callable[[Scene], Awaitable[None]], caplog: pytest.LogCaptureFixture
) -> None:
    twins = [builders.device(name, serial_number=f"{builders.SERIAL_NUMBER}-twin") for name in ("t1", "t2")]
    scene = Scene(builders.device("d1", **FACTS), builders.device("d2", builders.SUCCESSOR), *twins)

    with caplog.at_level(logging.DEBUG):
        await play(scene)

    said = [f"{vars(record)} {record.getMessage()}" for record in caplog.records if record.name.startswith("shared")]
    said += [end.description for end in scene.settlements if isinstance(end, DeadLetter)]
    assert len(said) > len(scene.settlements) > 0
    for line in said:
        assert not [word for word in PERSONAL if word in line.casefold()], line


async def test_a_run_and_its_look_leave_one_line_for_each_step(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())

    with caplog.at_level(logging.INFO, logger="shared.message_log"):
        await scene.offboard()
        await scene.look_again()

    run = "queue=user-offboarding message_id=message-1 attempt=1"
    look = "queue=unassignment-verification message_id=user.offboarded:message-1:0:verify:1 attempt=1"
    assert [line for line in caplog.messages if line.startswith("message.")] == [
        f"message.decoded {run} event_id=message-1 about=hash-of-{len(builders.LEAVER)}-characters",
        f"message.concluded {run} outcome=unassigned dry_run=False",
        f"message.settled {run} settlement=Complete",
        f"message.to_verify {look} event_id=message-1 look=1",
        f"message.concluded {look} outcome=verified dry_run=False",
        f"message.settled {look} settlement=Complete",
    ]


async def test_whom_or_what_an_event_is_about_is_told_by_a_pseudonym(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())

    with caplog.at_level(logging.INFO, logger="shared.message_log"):
        await scene.offboard(message_id="m-1", body={"user": {"id": builders.LEAVER_ID}})
        await scene.retire(message_id="m-2")

    abouts = [line.partition(" about=")[2] for line in caplog.messages if line.startswith("message.decoded")]
    key = repr(builders.retired().device)
    assert abouts == [f"hash-of-{len(each)}-characters" for each in (builders.LEAVER_ID, key)]


async def test_a_settled_message_leaves_a_line_with_its_id_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", errors.GraphThrottled("429"))

    with caplog.at_level(logging.INFO):
        await scene.offboard()
        await scene.deliver_the_copy()
        await scene.offboard(message_id="m-2", body=b"{")

    lines = [record.getMessage() for record in caplog.records if record.getMessage().startswith("message.settled")]
    assert [line.removeprefix("message.settled queue=user-offboarding ") for line in lines] == [
        "message_id=message-1 attempt=1 settlement=DelayedRetry delay_seconds=5.0",
        "message_id=message-1:1 attempt=2 settlement=Complete",
        "message_id=m-2 attempt=1 settlement=DeadLetter reason=InvalidMessage",
    ]


@pytest.mark.parametrize("lock_lost", [True, False])
async def test_a_message_that_was_not_settled_is_no_success(lock_lost: bool, caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())
    scene.script.fail("settle", ports.SettlementFailed("closed", lock_lost=lock_lost))

    with caplog.at_level(logging.INFO):
        await scene.offboard()

    events = [record.getMessage().split()[0] for record in caplog.records]
    assert "message.settled" not in events
    assert f"text=closed lock_lost={lock_lost}" in caplog.records[events.index("message.not_settled")].getMessage()


async def test_a_bug_is_one_error_line_that_tells_where_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", RuntimeError("geheim"))

    with caplog.at_level(logging.INFO):
        await scene.offboard()

    (line,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "error=RuntimeError" in line.getMessage()
    assert "unassign_for_offboarded_user" in line.getMessage()


async def test_what_waits_for_its_time_is_told_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())

    with caplog.at_level(logging.INFO):
        await scene.offboard(body=builders.offboarded_body(effectiveAt="2026-12-01T00:00:00Z"))

    assert "settlement=PutOff until=2026-12-01T00:00:00+00:00 reason=notYetEffective" in caplog.text


@pytest.mark.parametrize("message_id", ["m-1\nmessage.settled", "m-1 settlement=Complete", "m-1\u2028x", "m-1\u202ex"])
async def test_a_senders_message_id_cannot_forge_a_log_line(message_id: str, caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())

    with caplog.at_level(logging.INFO):
        await scene.offboard(message_id=message_id)

    for record in caplog.records:
        line = record.getMessage()
        assert line.isprintable()
        assert line.isascii()
        assert f'message_id="{message_id[:3]}' in line


async def test_why_a_look_could_not_be_scheduled_is_told(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(builders.device())
    scene.script.fail("schedule.verification", ports.SettlementFailed("link-is-closed"))

    await scene.offboard()

    assert "error=VerificationNotScheduled text=link-is-closed" in caplog.text
