"""One host is killed while seven messages are each at another step; what comes of each, once a host runs again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from cli.parts import DEVICE_RETIREMENT, OUTCOMES, USER_OFFBOARDING
from emulators.graph.faults import LIST, Hang, Status, When
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.trace import Operation
from tests.e2e import people
from tests.e2e.conftest import nobody_is_named
from tests.e2e.site import Site
from tests.e2e.watching import details, lines

STEPS = (
    "its message was settled",
    "a copy was scheduled, and its original not completed",
    "its message was about to be completed",
    "its outcome was about to be published",
    "a copy was about to be scheduled",
    "the list was being read",
    "its record was being read",
    "Graph had not acted on the POST",
    "Graph had acted on the POST",
    "Graph had acted on the POST, and somebody got the device since",
)


@dataclass(frozen=True, slots=True)
class Story:
    """What became of the message that was at one step."""

    device: str
    data: Mapping[str, Any]
    settlement: str
    answers: list[int | None]
    published: int
    user: str | None


def silence(site: Site, entity: str, operation: Operation) -> Callable[[], bool]:
    """Answer no more; the result tells whether that has struck."""
    site.disturb(Fault(entity=entity, operation=operation, effect=Effect.SILENCE, times=None))
    return lambda: any(
        entry.fault and entry.entity == entity and entry.operation is operation for entry in site.service_bus.trace
    )


def bring_each_message_to_its_step(site: Site) -> dict[str, tuple[str, str]]:
    """By step: the message and the device; all are there on return."""
    people_ = dict(zip(STEPS, (site.people.take() for _ in STEPS), strict=True))
    devices = {step: person.device for step, person in people_.items()}
    messages: dict[str, str] = {}
    rules = site.graph.faults

    messages[STEPS[0]] = site.retired(devices[STEPS[0]])
    site.end(messages[STEPS[0]])

    struck = silence(site, USER_OFFBOARDING, Operation.COMPLETE)
    rules.add(When(method="GET", path=devices[STEPS[1]], last=1), Status(503))
    messages[STEPS[1]] = site.left(people_[STEPS[1]])
    site.until(struck)

    struck = silence(site, DEVICE_RETIREMENT, Operation.COMPLETE)
    messages[STEPS[2]] = site.retired(devices[STEPS[2]])
    site.until(struck)

    struck = silence(site, OUTCOMES, Operation.SEND)
    messages[STEPS[3]] = site.retired(devices[STEPS[3]])
    site.until(struck)

    struck = silence(site, DEVICE_RETIREMENT, Operation.SCHEDULE)
    rules.add(When(method="GET", path=devices[STEPS[4]], last=1), Status(503))
    messages[STEPS[4]] = site.retired(devices[STEPS[4]])
    site.until(struck)

    site.let_list_grow_old()
    before, after, after_too = Hang(), Hang(after_handling=True), Hang(after_handling=True)
    for method, path, hang in (
        ("GET", LIST, Hang()),
        ("GET", devices[STEPS[6]], Hang()),
        ("POST", devices[STEPS[7]], before),
        ("POST", devices[STEPS[8]], after),
        ("POST", devices[STEPS[9]], after_too),
    ):
        rules.add(When(method=method, path=path, last=1), hang)
    scans = len(site.scans())
    messages[STEPS[5]] = site.left(people_[STEPS[5]])
    messages |= {step: site.retired(devices[step]) for step in STEPS[6:]}
    site.until(lambda: len(site.scans()) > scans)
    site.until(lambda: any(devices[STEPS[6]] in call.path for call in site.graph.calls))
    site.until(lambda: all(site.posts(devices[step]) for step in STEPS[7:]))
    site.until(lambda: not any(site.user_of(devices[step]) for step in STEPS[8:]))
    return {step: (messages[step], devices[step]) for step in STEPS}


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Story]]:
    with Site(tmp_path_factory.mktemp("killed"), DIRECTORY_MAX_AGE="1s") as site:
        host = site.start_host()
        sent = bring_each_message_to_its_step(site)
        site.kill_host(host)
        site.graph.tenant.assign_user(sent[STEPS[9]][1], people.SUCCESSOR)
        site.recover()
        site.start_host()
        yield {step: story(site, *each) for step, each in sent.items()}
        nobody_is_named(site)


def story(site: Site, message: str, device: str) -> Story:
    return Story(
        device=device,
        data=site.end(message),
        settlement=site.settlement(message),
        answers=[call.status for call in site.posts(device)],
        published=len(site.published(message)),
        user=site.user_of(device),
    )


@pytest.mark.parametrize("step", STEPS)
def test_no_message_is_lost_and_each_is_reported_once(stories: dict[str, Story], step: str) -> None:
    assert stories[step].settlement == "complete"
    assert stories[step].published == 1


@pytest.mark.parametrize("step", [*STEPS[:7], STEPS[8]])
def test_a_device_whose_post_may_have_been_accepted_is_posted_to_once(stories: dict[str, Story], step: str) -> None:
    assert len(stories[step].answers) == 1
    assert lines(stories[step].data) == {stories[step].device: "unassigned"}
    assert stories[step].user == ""


def test_a_post_that_graph_did_not_act_on_is_posted_again(stories: dict[str, Story]) -> None:
    lost = stories["Graph had not acted on the POST"]

    assert lines(lost.data) == {lost.device: "unassigned"}
    assert lost.answers[1:] == [204]
    assert lost.user == ""


def test_a_device_found_clear_after_a_lost_answer_says_so(stories: dict[str, Story]) -> None:
    found = {step: details(story.data) for step, story in stories.items()}

    assert [step for step, detail in found.items() if detail == ["responseLost"]] == ["Graph had acted on the POST"]


def test_a_device_that_somebody_got_since_is_left_alone(stories: dict[str, Story]) -> None:
    given_away = stories["Graph had acted on the POST, and somebody got the device since"]

    assert given_away.user == people.SUCCESSOR
    assert lines(given_away.data) == {given_away.device: "assignedToSomeoneElse"}
    assert len(given_away.answers) == 1
