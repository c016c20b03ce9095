from dataclasses import replace
from typing import Any

import pytest

from cli.dlq import planning, understanding
from cli.dlq.planning import Wish
from shared.domain import events
from shared.messaging import replays
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.dead_letters import Reason
from shared.progress import VERIFICATION
from tests import builders
from tests.fakes_dead_letters import a_letter

GOOD = builders.as_bytes(builders.offboarded_body())


def objection(letter: DeadLettered, event_type: str = events.UserOffboarded.TYPE, **wish: Any) -> str:
    fields = {"operator": "Grace", "because": "", "max_replays": 5, **wish}
    return planning.objection(understanding.understand(letter, event_type), Wish(**fields))


def malformed(**fields: Any) -> DeadLettered:
    return a_letter(1, builders.message(b'{"user": {"id": 7}}'), reason="InvalidMessage", **fields)


def replayed(times: int) -> DeadLettered:
    properties = {"replay": times}
    return a_letter(1, builders.message(GOOD, message_id=f"m:r{times}", application_properties=properties))


def test_what_the_contract_takes_may_be_replayed() -> None:
    assert objection(a_letter()) == ""


def test_what_would_be_refused_again_is_not_sent_and_its_path_is_told() -> None:
    told = objection(malformed())

    assert "$.user.id: " in told
    assert "--edit or --body" in told


def test_a_corrected_body_is_what_counts() -> None:
    assert objection(malformed(), body=GOOD, other=True) == ""
    assert objection(malformed(readable=False), body=GOOD, other=True) == ""
    assert "$.user" in objection(a_letter(), body=b"{}")


def test_a_body_that_no_function_is_handed_is_told() -> None:
    assert "AMQP" in objection(a_letter(1, builders.message(b""), readable=False))


@pytest.mark.parametrize(("times", "refused"), [(4, False), (5, True), (6, True)])
def test_what_was_replayed_often_enough_stays(times: int, *, refused: bool) -> None:
    assert bool(objection(replayed(times))) is refused
    assert objection(replayed(times), max_replays=9) == ""


def test_the_number_of_replays_is_told_in_words() -> None:
    assert "was replayed once already" in objection(replayed(1), max_replays=1)
    assert "was replayed 5 times already" in objection(replayed(5))


@pytest.mark.parametrize("reason", sorted({reason.value for reason in Reason} | replays.OVERRIDABLE))
def test_only_a_guards_refusal_can_be_overridden(reason: str) -> None:
    told = objection(a_letter(reason=reason), override=True)

    assert (told == "") is (reason in replays.OVERRIDABLE)
    assert told == "" or f"no guard refused it ({reason})" in told


LOOK = {"eventType": "user.offboarded", "eventId": "E-1", "eventRun": 2, "verify": 4}


def a_look(**properties: Any) -> DeadLettered:
    message = builders.message(GOOD, queue="verifications", application_properties={**LOOK, **properties})
    return a_letter(1, message, reason="UnassignmentNotConfirmed")


def test_a_message_of_our_own_is_replayed_as_it_is() -> None:
    assert objection(a_look(), VERIFICATION) == ""
    assert "nothing to correct" in objection(a_look(), VERIFICATION, body=GOOD)


def test_what_is_not_ours_in_our_queue_can_only_be_discarded() -> None:
    assert objection(a_look(verify="x"), VERIFICATION).endswith(": discard it")


def test_a_verification_is_known_as_a_look_at_a_run_of_its_event() -> None:
    dead = understanding.understand(a_look(), VERIFICATION)

    assert (dead.record_id, dead.run_of_event(1), dead.about()) == ("user.offboarded:E-1", 2, builders.LEAVER)
    assert dead.claims_id == "message:verifications:user.offboarded:E-1:2:verify:1"


ANNA, BODY = "anna@contoso.com", {"user": {"userPrincipalName": "anna@contoso.com"}, "eventId": "HR-1"}


def corrected(
    old: dict[str, Any] | bytes, new: dict[str, Any], event_type: str = events.UserOffboarded.TYPE
) -> tuple[str, str]:
    """What is objected to a corrected body, and whom it is said to be about."""
    dead = understanding.understand(a_letter(1, builders.message(old)), event_type)
    wish = Wish(operator="Grace", because="", max_replays=5, body=builders.as_bytes(new))
    assert planning.objection(dead, replace(wish, other=True)) == ""
    return planning.objection(dead, wish), planning.about(dead, wish)


@pytest.mark.parametrize(
    ("new", "about"),
    [
        (
            {**BODY, "user": {"userPrincipalName": "bob@contoso.com"}},
            f"{ANNA}, event HR-1 -> bob@contoso.com, event HR-1",
        ),
        (
            {**BODY, "user": {"userPrincipalName": ANNA, "previousUserPrincipalNames": ["bob@contoso.com"]}},
            f"{ANNA}, event HR-1",
        ),
        ({**BODY, "eventId": "HR-2"}, f"{ANNA}, event HR-1 -> {ANNA}, event HR-2"),
        ({"user": BODY["user"]}, f"{ANNA}, event HR-1 -> {ANNA}, event message-1"),
    ],
    ids=["somebody else", "one more name", "another event", "no event id any more"],
)
def test_a_body_about_another_or_another_event_must_be_meant(new: dict[str, Any], about: str) -> None:
    told, shown = corrected(BODY, new)

    assert told.endswith("add --other")
    assert shown == about


@pytest.mark.parametrize(
    "old",
    [
        b"{",
        {"user": {}},
        {**BODY, "user": {"userPrincipleName": "bob@contoso.com"}},
        {**BODY, "user": {"userPrincipleName": f"x{ANNA}"}},
        {**BODY, "user": {"userPrincipleName": f"{ANNA}.example"}},
        {"eventId": "HR-9", "user": {"userPrincipleName": ANNA}},
        b'{"eventId": "HR-9", "user": "' + ANNA.encode(),
    ],
    ids=[
        *("nobody could read it", "it named nobody", "somebody else", "a longer name", "a name that goes on"),
        *("another event", "another event, and no JSON"),
    ],
)
def test_a_mended_body_that_names_what_stood_nowhere_must_be_meant(old: dict[str, Any] | bytes) -> None:
    told, _ = corrected(old, BODY)

    assert told.endswith("add --other")


def test_a_body_about_another_device_must_be_meant() -> None:
    old, new = ({"device": {"serialNumber": each}} for each in ("S-1", "S-2"))

    told, shown = corrected(old, new, events.DeviceRetired.TYPE)

    assert told.endswith("add --other")
    assert shown == "S-1, event message-1 -> S-2, event message-1"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (BODY, {**BODY, "ticket": "T"}),
        (BODY, {**BODY, "user": {"userPrincipalName": ANNA.upper()}}),
        ({**BODY, "user": {"userPrincipalName": ANNA, "previousUserPrincipalNames": ["a@contoso.com"]}}, BODY),
        ({**BODY, "dryrun": True}, {**BODY, "dryRun": True}),
        ({"eventId": "HR-1", "user": {"userPrincipleName": ANNA.upper()}}, BODY),
        ({"user": {"userPrincipleName": ANNA}}, BODY),
        (builders.as_bytes(BODY)[:-1], BODY),
    ],
    ids=[
        *("the same", "the same but for case", "a name less"),
        *("another key mended", "the name's key mended", "an event id added", "a bracket added"),
    ],
)
def test_a_body_about_the_same_goes(old: dict[str, Any] | bytes, new: dict[str, Any]) -> None:
    told, shown = corrected(old, new)

    assert told == ""
    assert shown.casefold().endswith(f"{ANNA}, event hr-1")


def test_a_body_that_nobody_can_read_is_said_so() -> None:
    dead = understanding.understand(a_letter(1, builders.message(BODY)), events.UserOffboarded.TYPE)

    assert planning.about(dead, Wish(operator="G", because="", max_replays=5, body=b"{")).endswith(
        "-> nobody knows whom"
    )


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("ProtectedUser", "is refused again, unless the setting was changed since: --override --because TEXT"),
        ("StaleMessage", "is refused again, its age only grows: --override"),
        ("BlastRadiusExceeded", "unless the hour is over, or the setting"),
        ("SuspiciousScan", "unless the list is whole again"),
        ("GraphPermissionDenied", None),
        ("TTLExpiredException", None),
    ],
)
def test_what_a_guard_refused_is_said_to_come_back_without_an_override(reason: str, says: str | None) -> None:
    dead = understanding.understand(a_letter(reason=reason), events.UserOffboarded.TYPE)
    wish = Wish(operator="Grace", because="", max_replays=5)

    told = planning.warning(dead, wish)

    assert told is None if says is None else says in (told or "")
    assert planning.warning(dead, replace(wish, override=True)) == "with an override"
