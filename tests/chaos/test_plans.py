"""The seed makes the load and the faults: the same ones each time, all kinds of them, as many as were asked for."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from tests.chaos import faults, load
from tests.chaos.faults import Cut, Hurt, Planned
from tests.chaos.load import Load
from tests.chaos.stories import Kind

AHEAD = timedelta(seconds=90)


def planned(seed: int = 1, kills: int = 20, cuts: int = 18) -> list[Planned]:
    return faults.plan(random.Random(seed), kills=kills, cuts=cuts, hosts=2, cut=8, stop=12)


def loaded(messages: int = 200, seed: int = 1) -> Load:
    return load.plan(messages, random.Random(seed), ahead=AHEAD)


def test_a_seed_makes_the_same_load_and_the_same_faults_again() -> None:
    assert (loaded(), planned()) == (loaded(), planned())
    assert (loaded(), planned()) != (loaded(seed=2), planned(seed=2))


@pytest.mark.parametrize("messages", [60, 200, 2000])
def test_as_many_messages_are_sent_as_were_asked_for_and_every_kind_is_among_them(messages: int) -> None:
    what = loaded(messages)

    assert len(what.sendings) == messages
    assert {story.kind for story in what.stories} == set(Kind)
    assert len({device.id for device in what.devices}) == len(what.devices)


def test_an_event_comes_under_its_own_id_before_any_other_and_last_what_waits_for_the_administrator() -> None:
    seen: dict[str, list[str]] = {}
    for each in loaded(2000).sendings:
        seen.setdefault(each.story.event_id, []).append(each.message_id)

    assert all(ids[0] == event_id and ids == sorted(ids) for event_id, ids in seen.items())
    assert any(len(ids) > 2 for ids in seen.values())


def test_what_waits_for_the_administrator_has_something_to_wait_for() -> None:
    what = loaded(2000)
    held = {each.story.event_id for each in what.sendings if each.held}

    assert held
    assert held <= {each.story.event_id for each in what.handovers}


def test_there_are_as_many_faults_as_were_asked_for_and_each_way_of_cutting_off() -> None:
    counted = Counter(each.what for each in planned())

    assert (counted[Hurt.KILL], counted[Hurt.TERMINATE], counted[Hurt.STOP]) == (20, 5, 5)
    assert [counted[cut] for cut in Cut] == [1] * 18
    assert [each.at for each in planned()] == sorted(each.at for each in planned())
