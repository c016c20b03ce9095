from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING
from emulators.graph.faults import Garble, Status, When
from tests.e2e.conftest import nobody_is_named
from tests.e2e.people import PRIVATE
from tests.e2e.site import Site


def test_a_log_that_tells_of_every_kind_of_end_names_nobody(site: Site) -> None:
    refused, throttled, garbled, fine = (site.people.take() for _ in range(4))
    body = {"message": f"no {refused.name} here", "code": "BadRequest"}
    site.graph.faults.add(When(method="POST", path=refused.device), Status(400, body={"error": body}))
    site.graph.faults.add(When(method="POST", path=throttled.device, last=1), Status(429))
    site.graph.faults.add(When(method="GET", path=garbled.device, last=1), Garble("html"))

    sent = [
        *(site.left(leaver) for leaver in (refused, throttled, garbled, fine)),
        site.send(USER_OFFBOARDING, {"user": {"userPrincipalName": PRIVATE, PRIVATE: PRIVATE}}),
        site.send(DEVICE_RETIREMENT, {"device": {"serialNumber": f"SN-{PRIVATE}\u0000"}}),
        site.send(DEVICE_RETIREMENT, f'{{"device": {PRIVATE}'.encode()),
        site.retired(device={"serialNumber": "To be filled by O.E.M."}),
    ]
    for message in sent:
        site.end(message)

    log = site.log.read_text(encoding="utf-8")
    dead = [site.dead_letter(message) for message in sent]
    nobody_is_named(site)
    assert all(f"message_id={message} " in log for message in sent)
    assert [view.dead_letter_reason for view in dead if view] == [
        "GraphRequestRejected",
        "InvalidMessage",
        "InvalidMessage",
        "InvalidMessage",
        "PlaceholderSerialNumber",
    ]
    assert PRIVATE not in "".join(view.dead_letter_description or "" for view in dead if view)
