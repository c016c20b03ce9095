import pytest

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING
from tests.e2e.site import Site
from tests.e2e.watching import lines
from tests.unit.messaging.test_hostile_bodies import HOSTILE

MOST = 250 * 1024
BODIES = {name: body for name, (body, _) in HOSTILE.items() if len(body) <= MOST}
"""What Service Bus itself would not take can't arrive."""


@pytest.mark.parametrize("queue", [USER_OFFBOARDING, DEVICE_RETIREMENT])
def test_hostile_bodies_are_dead_lettered_at_once_and_good_messages_among_them_are_handled(
    site: Site, queue: str
) -> None:
    leavers = [site.people.take() for _ in range(3)]
    bad: dict[str, str] = {}
    good: list[str] = []

    for number, (name, body) in enumerate(BODIES.items()):
        if number % 15 == 0:
            good.append(site.left(leavers[len(good)]))
        bad[name] = site.send(queue, body)
    outcomes = [lines(site.end(message)) for message in good]
    data = {name: site.end(message) for name, message in bad.items()}
    dead = {name: site.dead_letter(message) for name, message in bad.items()}

    assert outcomes == [{leaver.device: "unassigned"} for leaver in leavers[: len(good)]]
    assert [name for name, view in dead.items() if view is None] == []
    views = {name: view for name, view in dead.items() if view is not None}
    assert {view.dead_letter_reason for view in views.values()} == {"InvalidMessage"}
    assert [name for name, view in views.items() if view.delivery_count != 1] == []
    assert [name for name, view in views.items() if not (view.dead_letter_description or "").startswith("$")] == []
    assert {(each["outcome"], each["deadLetterReason"]) for each in data.values()} == {("failed", "InvalidMessage")}
    assert [name for name, message in bad.items() if len(site.published(message)) != 1] == []
