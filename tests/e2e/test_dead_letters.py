"""Dead letters replayed by the command, in a process of its own, while a host handles what comes of it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cli import hosting
from cli.parts import USER_OFFBOARDING
from emulators.graph.faults import Status, When
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.trace import Operation
from shared.servicebus.dead_letter_queue import SUBQUEUE
from tests.e2e.conftest import OwnSite
from tests.e2e.people import Person
from tests.e2e.site import Site
from tests.e2e.watching import lines
from tests.personal import nothing_personal

DEAD_LETTERS = USER_OFFBOARDING + SUBQUEUE

type Command = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def dlq(site: Site) -> Iterator[Command]:
    """`dlq("list")`: `offboard dlq list` in a process of its own, on the site, or on another one."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, site: Site = site) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "dlq", *arguments],
            cwd=hosting.app_directory(),
            env={"PATH": os.defpath, "HOME": str(site.folder), **site.parts.environment(site.journal)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], code: int = 0) -> str:
    out, err = process.communicate(timeout=60)
    nothing_personal(err, "what it wrote on standard error")
    assert process.returncode == code, err + out
    return out


def refused(site: Site) -> tuple[Person, str]:
    """A leaver whose event Graph refused for want of rights, which it has by now; their event id."""
    leaver = site.people.take()
    site.graph.faults.add(When(method="POST", path=leaver.device, last=1), Status(403))
    message = site.left(leaver)
    assert site.end(message)["deadLetterReason"] == "GraphPermissionDenied"
    return leaver, message


def ended(site: Site, event: str, run: int) -> list[dict[str, Any]]:
    """Wait until a run's end is published and its message settled; all outcomes of that run."""
    site.until(lambda: any(each["data"]["run"] == run for each in site.published(event)))
    site.until(lambda: not site.waiting(USER_OFFBOARDING, event))
    return [each["data"] for each in site.published(event) if each["data"]["run"] == run]


def test_a_malformed_message_is_understood_corrected_replayed_and_handled(
    site: Site, dlq: Command, tmp_path: Path
) -> None:
    leaver = site.people.take()
    message = site.send(USER_OFFBOARDING, {"user": {"user_principal_name": leaver.name}})
    site.end(message)
    corrected = tmp_path / "corrected.json"
    corrected.write_text(json.dumps({"user": {"userPrincipalName": leaver.name}}), encoding="utf-8")

    listed = said(dlq("list"))
    shown = said(dlq("show", message))
    replayed = said(dlq("replay", message, "--body", str(corrected), "--yes"))
    (data,) = ended(site, message, run=1)

    assert "InvalidMessage" in listed
    assert "$.user.user_principal_name: is not a key; did you mean userPrincipalName?" in shown
    assert "as replay 1" in replayed
    assert (data["outcome"], lines(data)) == ("unassigned", {leaver.device: "unassigned"})
    assert site.user_of(leaver.device) == ""
    assert site.dead_letter(message) is None


def test_what_was_replayed_is_shown_with_all_its_runs_if_it_comes_back(site: Site, dlq: Command) -> None:
    leaver, message = refused(site)
    site.graph.faults.add(When(method="POST", path=leaver.device, last=1), Status(403))

    said(dlq("replay", message, "--operator", "Grace", "--yes"))
    ended(site, message, run=1)
    shown = json.loads(said(dlq("show", f"{message}:r1", "--json")))

    assert (shown["reason"], shown["replays"]) == ("GraphPermissionDenied", 1)
    assert [(end["run"], end["outcome"]) for end in shown["journal"]["ends"]] == [(0, "failed"), (1, "failed")]
    assert [(act["what"], act["run"], act["operator"]) for act in shown["journal"]["acts"]] == [("replay", 1, "Grace")]
    said(dlq("replay", f"{message}:r1", "--yes"))
    assert [each["outcome"] for each in ended(site, message, run=2)] == ["unassigned"]


@pytest.mark.parametrize(
    ("fault", "second"),
    [
        pytest.param(Fault(entity=DEAD_LETTERS, operation=Operation.PEEK, effect=Effect.SILENCE), 0, id="looking"),
        pytest.param(Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.SILENCE), 0, id="sending"),
        pytest.param(Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.LOSE_ANSWER), 0, id="sent"),
        pytest.param(
            Fault(entity=DEAD_LETTERS, operation=Operation.COMPLETE, effect=Effect.SILENCE), 0, id="completing"
        ),
        pytest.param(
            Fault(entity=DEAD_LETTERS, operation=Operation.COMPLETE, effect=Effect.LOSE_ANSWER), 1, id="completed"
        ),
    ],
)
def test_a_replay_that_is_killed_and_pressed_again_takes_effect_once(
    site: Site, dlq: Command, fault: Fault, second: int
) -> None:
    leaver, message = refused(site)
    before = len(site.service_bus.trace)
    site.disturb(fault)
    first = dlq("replay", message, "--yes")

    site.until(lambda: any(entry.fault == fault.effect for entry in site.service_bus.trace[before:]))
    first.send_signal(signal.SIGKILL)
    first.wait()
    site.recover()
    site.until(lambda: not site.service_bus.snapshot(DEAD_LETTERS).locked)
    said(dlq("replay", message, "--yes"), second)
    data = ended(site, message, run=1)

    assert [each["outcome"] for each in data] == ["unassigned"]
    assert [call.status for call in site.posts(leaver.device)] == [403, 204]
    assert site.dead_letter(message) is None


@pytest.mark.parametrize(
    ("entity", "operation"),
    [(USER_OFFBOARDING, Operation.SEND), (DEAD_LETTERS, Operation.COMPLETE)],
    ids=["sending", "completing"],
)
def test_a_replay_whose_answer_is_lost_takes_effect_once(
    site: Site, dlq: Command, entity: str, operation: Operation
) -> None:
    _, message = refused(site)
    site.disturb(Fault(entity=entity, operation=operation, effect=Effect.LOSE_ANSWER))

    process = dlq("replay", message, "--yes")
    process.communicate(timeout=60)
    if process.returncode != 0:  # the second try met a lock that had ended, or was settled before
        site.until(lambda: not site.service_bus.snapshot(DEAD_LETTERS).locked)
        dlq("replay", message, "--yes").communicate(timeout=60)

    assert [each["outcome"] for each in ended(site, message, run=1)] == ["unassigned"]
    assert site.dead_letter(message) is None


def test_pressed_twice_at_once_each_takes_effect_once(own_site: OwnSite, dlq: Command) -> None:
    # Its locks last seconds, not minutes: what other tests left, and nobody chose, would come back again and again.
    site = own_site()
    site.start_warm_host()
    messages = [refused(site)[1] for _ in range(4)]

    both = [dlq("replay", *messages, "--yes", "--json", site=site) for _ in range(2)]
    for process in both:
        process.communicate(timeout=60)
    site.until(lambda: not site.service_bus.snapshot(DEAD_LETTERS).locked)
    left = [message for message in messages if site.dead_letter(message) is not None]
    for message in left:
        said(dlq("replay", message, "--yes", site=site))

    assert [[each["outcome"] for each in ended(site, message, run=1)] for message in messages] == [["unassigned"]] * 4
    assert {site.dead_letter(message) for message in messages} == {None}


def test_ctrl_c_finishes_the_one_in_hand_and_leaves_the_others(site: Site, dlq: Command) -> None:
    first, second = (refused(site)[1] for _ in range(2))
    before = len(site.service_bus.trace)
    site.disturb(Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.SILENCE))
    process = dlq("replay", first, second, "--yes")
    site.until(lambda: any(entry.fault for entry in site.service_bus.trace[before:]))

    process.send_signal(signal.SIGINT)
    out = said(process, 1)

    assert "1 not reached" in out
    assert "stopped before it was done" in out
    assert [each["outcome"] for each in ended(site, first, run=1)] == ["unassigned"]  # it waited for that send's answer
    assert site.dead_letter(second) is not None
    assert not [each for each in site.published(second) if each["data"]["run"] > 0]


def test_an_override_releases_a_guard_for_this_run_and_is_on_record(dlq: Command, own_site: OwnSite) -> None:
    site = own_site(MAX_DEVICES_PER_USER="2")
    site.start_warm_host()
    leaver = site.people.take(devices=3)
    message = site.left(leaver)
    assert site.end(message)["deadLetterReason"] == "TooManyDevices"

    because = ["--because", "a person", "--operator", "Grace"]
    said(dlq("replay", message, "--override", *because, "--yes", site=site))
    (data,) = ended(site, message, run=1)

    assert (data["outcome"], lines(data)) == ("unassigned", dict.fromkeys(leaver.devices, "unassigned"))
    assert site.dead_letter(message) is None
