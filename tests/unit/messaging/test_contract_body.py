"""What we send to ourselves is the event again, whoever it was about."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.domain import events
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    EventId,
    ManagedDeviceId,
    SerialNumber,
    UserObjectId,
    UserPrincipalName,
)
from shared.messaging import contract, contract_body
from tests import builders

TEXT = st.text(max_size=30)
WORD = st.from_regex(r"[A-Za-z0-9\u00e4\u6f22]{1,12}", fullmatch=True)
UPN = st.builds(lambda name: UserPrincipalName(f"{name}@contoso.com"), WORD)
MOMENT = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
REQUEST: dict[str, Any] = {
    "event_id": st.builds(EventId, st.text(min_size=1, max_size=40)),
    "occurred_at": st.none() | MOMENT,
    "effective_at": st.none() | MOMENT,
    "requested_by": st.none() | TEXT,
    "ticket": st.none() | TEXT,
    "reason": st.none() | TEXT,
    "dry_run": st.booleans(),
}
REQUESTS = st.fixed_dictionaries(REQUEST).map(lambda fields: events.Request(**fields))
IDS = st.from_regex(r"[0-9A-Za-z][0-9A-Za-z_.-]{0,20}", fullmatch=True)
KEYS = st.one_of(
    st.builds(
        lambda each: events.AutopilotDeviceKey(AutopilotDeviceId(each)), IDS.filter(lambda each: each.strip("0-"))
    ),
    st.builds(lambda each: events.SerialNumberKey(SerialNumber(each)), WORD.filter(lambda each: each.strip("0"))),
    st.builds(lambda each: events.EntraDeviceKey(EntraDeviceId(each)), IDS.filter(lambda each: each.strip("0-"))),
    st.builds(lambda each: events.ManagedDeviceKey(ManagedDeviceId(each)), IDS.filter(lambda each: each.strip("0-"))),
)
LEFT = st.builds(
    lambda request, name, former, user: events.UserOffboarded(
        request=request,
        user_principal_name=name,
        previous_user_principal_names=tuple(former),
        user_object_id=UserObjectId(builders.LEAVER_ID) if user else None,
    ),
    REQUESTS,
    UPN,
    st.lists(UPN, max_size=3),
    st.booleans(),
)
RETIRED = st.builds(
    lambda request, key, name, actions, resource: events.DeviceRetired(
        request=request,
        device=key,
        assigned_user_principal_name=name,
        actions=tuple(actions),
        resource_account_name=resource,
    ),
    REQUESTS,
    KEYS,
    st.none() | UPN,
    st.lists(st.sampled_from(list(events.Action)), min_size=1, max_size=2, unique=True),
    st.none() | WORD,
)


@given(event=LEFT | RETIRED)
def test_what_is_encoded_is_decoded_as_the_same_event(event: events.Event) -> None:
    message = builders.message(contract_body.encode(event), message_id=event.request.event_id)

    assert contract.decode(message, event.TYPE) == event
