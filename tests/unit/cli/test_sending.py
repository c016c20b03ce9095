import re

import pytest

from cli import events, sending


@pytest.mark.parametrize("event_id", ["E-1", "E:7", "x" * 128], ids=["plain", "like a copy's", "the longest"])
def test_each_send_has_a_message_id_of_its_own_that_no_copy_has(event_id: str) -> None:
    ids = {sending.new_message_id(event_id) for _ in range(50)}

    assert len(ids) == 50
    assert all(len(each) <= 128 and each.startswith(event_id[:90]) for each in ids)
    assert not any(re.search(r":\d+$", each) for each in ids)


@pytest.mark.parametrize(
    ("leaver", "device", "about"),
    [
        ({"userPrincipalName": "a@x.example", "id": "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11"}, {}, "a@x.example"),
        ({"previousUserPrincipalNames": ["b@x.example", "c@x.example"]}, {}, "b@x.example"),
        (
            {"id": "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11"},
            {},
            "user 6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11",
        ),
        ({}, {"serialNumber": "SN-1"}, "serialNumber SN-1"),
    ],
    ids=["a name", "a former name", "an id", "a device"],
)
def test_an_event_says_whom_it_is_about(leaver: dict[str, object], device: dict[str, object], about: str) -> None:
    assert events.from_options(leaver, device, {}).about() == about
