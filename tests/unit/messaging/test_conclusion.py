import pytest

from shared.domain import events
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, EventId, SerialNumber, UserObjectId, UserPrincipalName
from shared.messaging import conclusion
from shared.messaging.settlement import Complete
from tests import builders, fakes

OTHER = UserPrincipalName("other@contoso.com")

DIFFERENT: list[events.Event] = [
    builders.offboarded(),
    builders.offboarded(user_principal_name=OTHER),
    builders.offboarded(user_object_id=UserObjectId(builders.LEAVER_ID)),
    builders.offboarded(previous_user_principal_names=(OTHER,)),
    builders.offboarded(user_principal_name=None, previous_user_principal_names=(builders.LEAVER, OTHER)),
    builders.offboarded(user_principal_name=None, previous_user_principal_names=(builders.LEAVER,)),
    builders.retired(),
    builders.retired(events.AutopilotDeviceKey(AutopilotDeviceId("d2"))),
    builders.retired(events.SerialNumberKey(SerialNumber("d1"))),
    builders.retired(assigned_user_principal_name=builders.LEAVER),
    builders.retired(resource_account_name=builders.LEAVER),
    builders.retired(actions=(Action.UNASSIGN_RESOURCE_ACCOUNT,)),
    builders.retired(actions=(Action.UNASSIGN_USER, Action.UNASSIGN_RESOURCE_ACCOUNT)),
]


def concluded(fingerprint: str, document: str = "{}") -> conclusion.Conclusion:
    return conclusion.Conclusion(
        event_id=EventId("event-1"),
        run=0,
        dry_run=False,
        fingerprint=fingerprint,
        settlement=Complete(),
        document=document,
        at=fakes.NOW,
    )


def test_events_about_something_else_have_another_fingerprint() -> None:
    assert len({conclusion.fingerprint(event) for event in DIFFERENT}) == len(DIFFERENT)


@pytest.mark.parametrize(
    "duplicate",
    [
        builders.offboarded(request=builders.request(ticket="INC2", reason="again", dry_run=True)),
        builders.offboarded(user_principal_name=builders.LEAVER.upper()),
    ],
    ids=["asked for another reason", "in capitals"],
)
def test_a_true_duplicate_has_the_same_fingerprint(duplicate: events.UserOffboarded) -> None:
    assert conclusion.fingerprint(duplicate) == conclusion.fingerprint(builders.offboarded())


def test_a_fingerprint_names_nobody_and_a_bodys_is_told_from_an_events() -> None:
    of_event, of_body = conclusion.fingerprint(builders.offboarded()), conclusion.fingerprint_of_body(b"{")

    assert "contoso" not in of_event
    assert of_body != conclusion.fingerprint_of_body(b"[")
    assert [concluded(each).of_a_body for each in (of_event, of_body)] == [False, True]


def test_what_the_outcome_event_tells_is_read_from_its_document() -> None:
    told = concluded("x", '{"data": {"outcome": "unassigned", "ticket": "INC1"}}')

    assert (told.outcome, told.ticket) == ("unassigned", "INC1")


@pytest.mark.parametrize(
    "document",
    ["", "[]", "{}", '{"data": null}', '{"data": {}}', '{"data": {"outcome": null, "ticket": 7}}'],
)
def test_what_a_document_does_not_tell_as_text_is_none(document: str) -> None:
    told = concluded("x", document)

    assert (told.outcome, told.ticket) == (None, None)


BY_ID = builders.offboarded(user_principal_name=None, user_object_id=UserObjectId(builders.LEAVER_ID))
KEPT: dict[str, tuple[events.Event, str]] = {
    "by name": (builders.offboarded(), "88ffd3f44a7dae8b27a7bf75a4292f2b"),
    "by id": (BY_ID, "fd19448a22f1f7c3f76fd0b30c006c4b"),
    "a device": (builders.retired(), "829c2611958d78a1c18312f0613959d6"),
}


@pytest.mark.parametrize(("event", "kept"), list(KEPT.values()), ids=list(KEPT))
def test_a_fingerprint_that_the_journal_keeps_is_the_same_in_every_version(event: events.Event, kept: str) -> None:
    assert conclusion.fingerprint(event) == kept
