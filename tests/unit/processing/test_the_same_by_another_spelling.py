"""An id in other letters is the same id, and a device that was registered anew is still bound by the first decision."""

from shared.domain import errors
from shared.domain.identifiers import AutopilotDeviceId, UserObjectId, UserPrincipalName, unique
from shared.ports import User
from tests import builders
from tests.builders import SUCCESSOR
from tests.scene import Scene


async def test_rule_3_an_id_in_other_letters_does_not_hide_what_this_event_did() -> None:
    scene = Scene(builders.device("abc-1"))
    scene.script.fail("journal.conclude", errors.JournalUnavailable("locked"))
    body = builders.retired_body(device={"autopilotDeviceId": "ABC-1"})

    await scene.retire(body=body)
    scene.graph.put(builders.device("abc-1", SUCCESSOR))
    scene.clock.advance(hours=1)
    await scene.deliver_the_copy()

    assert len(scene.graph.posts) == 1
    assert scene.reports[0]["devices"][0]["detail"] == "reassignedSince"


async def test_rule_3_a_device_registered_anew_for_somebody_else_is_left_alone() -> None:
    scene = Scene(builders.device("old", serial_number="PF-1"))
    scene.script.fail("graph.unassign", errors.GraphThrottled("429"))
    body = {"device": {"serialNumber": "PF-1"}}

    await scene.retire(body=body)
    del scene.graph.tenant[AutopilotDeviceId("old")]
    scene.graph.put(builders.device("new", SUCCESSOR, serial_number="PF-1"))
    await scene.deliver_the_copy()

    assert scene.posted == []
    assert scene.outcomes() == {"new": "assignedToSomeoneElse"}


async def test_a_device_registered_anew_for_the_same_user_is_unassigned() -> None:
    scene = Scene(builders.device("old", serial_number="PF-1"))
    scene.script.fail("graph.unassign", errors.GraphThrottled("429"))

    await scene.retire(body={"device": {"serialNumber": "PF-1"}})
    del scene.graph.tenant[AutopilotDeviceId("old")]
    scene.graph.put(builders.device("new", serial_number="PF-1"))
    await scene.deliver_the_copy()

    assert scene.posted == ["new"]


async def test_a_refusal_that_is_known_is_not_taken_for_a_lost_answer() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphThrottled("429"))

    await scene.offboard()
    scene.graph.clear("d1")  # by an administrator
    await scene.deliver_the_copy()

    assert scene.outcomes() == {"d1": "alreadyUnassigned"}


async def test_devices_of_a_reused_name_do_not_count_against_the_leaver() -> None:
    others = [builders.device(f"other-{n}", SUCCESSOR) for n in range(11)]
    scene = Scene(builders.device(), *others, users=_Users())
    user = {"userPrincipalName": builders.LEAVER, "previousUserPrincipalNames": [SUCCESSOR]}

    await scene.offboard(body={"user": user})

    assert scene.posted == ["d1"]
    assert scene.outcomes()["other-1"] == "assignedToSomeoneElse"


class _Users:
    """Whoever is asked for by name exists, and is nobody else than that name."""

    async def by_id(self, user: UserObjectId) -> User | None:
        return None

    async def by_name(self, name: UserPrincipalName) -> User | None:
        return User(user_object_id=UserObjectId(name), user_principal_name=name)


async def test_two_queues_may_use_the_same_ids() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))

    await scene.offboard(body={"user": {"userPrincipalName": "nobody@contoso.com"}}, message_id="1")
    await scene.retire(message_id="1")

    assert [each["deadLetterReason"] for each in scene.reports] == [None, None]
    assert scene.posted == ["d1"]
    first, second = scene.publisher.published
    assert first.message_id != second.message_id


async def test_an_event_id_that_is_in_use_is_refused_to_another_event_while_the_first_waits() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", SUCCESSOR))
    scene.script.fail("graph.unassign", errors.GraphUnavailable("503"))
    await scene.offboard(body=builders.offboarded_body(eventId="e1"), message_id="m1")

    await scene.offboard(body={"eventId": "e1", "user": {"userPrincipalName": SUCCESSOR}}, message_id="m2")
    await scene.deliver_the_copy()

    assert [each["deadLetterReason"] for each in scene.reports] == ["InvalidMessage", None]
    assert set(scene.posted) == {"d1"}


async def test_an_event_id_that_comes_again_months_later_is_not_answered_with_the_old_end() -> None:
    scene = Scene(builders.device())
    await scene.offboard(body=builders.offboarded_body(eventId="EMP-42"))
    scene.graph.put(builders.device())  # hired again, and assigned again
    scene.clock.advance(hours=24 * 200)

    later = builders.offboarded_body(eventId="EMP-42")
    await scene.offboard(body=later, message_id="message-2", enqueued_time_utc=scene.clock.now())

    assert [each["deadLetterReason"] for each in scene.reports] == [None, "InvalidMessage"]


async def test_an_event_id_that_comes_again_with_another_date_is_not_answered_with_the_old_end() -> None:
    scene = Scene(builders.device())
    await scene.offboard(body=builders.offboarded_body(occurredAt="2026-11-20T09:00:00Z"))

    await scene.offboard(body=builders.offboarded_body(occurredAt="2026-11-21T09:00:00Z"))

    assert scene.reports[1]["deadLetterReason"] == "InvalidMessage"


def test_identifiers_that_differ_in_letters_are_one() -> None:
    assert unique(["B", "a", "b", "A"]) == ("B", "a")
