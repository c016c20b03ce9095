"""Hosts that share a journal in Table Storage."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from cli.parts import USER_OFFBOARDING
from tests import azurite
from tests.azurite import Azurite
from tests.e2e.conftest import OwnSite
from tests.e2e.test_outages import attempts
from tests.e2e.watching import lines


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[Azurite]:
    folder = tmp_path / "tables"
    folder.mkdir()
    with azurite.running(folder) as service:
        yield service


def test_what_one_host_did_another_knows(own_site: OwnSite, tables: Azurite) -> None:
    site = own_site(JOURNAL_URL=f"{tables.endpoint}/journal")
    leaver, host = site.people.take(), site.start_host()

    first = site.left(leaver)
    done = site.end(first)
    assert site.stop_host(host) == 0
    calls = len(site.graph.calls)
    site.start_host()
    body = {"eventId": first, "user": {"userPrincipalName": leaver.name}}
    again = site.send(USER_OFFBOARDING, body)
    site.until(lambda: site.settlement(again))

    assert lines(done) == {leaver.device: "unassigned"}
    assert site.settlement(again) == "complete"
    assert len(site.published(first)) == 1
    assert len(site.graph.calls) == calls  # the journal was enough
    assert not site.journal.exists()


def test_while_table_storage_is_out_of_reach_nothing_is_touched(own_site: OwnSite, tables: Azurite) -> None:
    site = own_site(JOURNAL_URL=f"{tables.endpoint}/journal")
    earlier, leaver = site.people.take(), site.people.take()
    site.start_host()
    site.end(site.left(earlier))

    tables.stop()
    message = site.left(leaver)
    site.until(lambda: attempts(site, message) >= 3)
    assert site.posts(leaver.device) == []
    tables.start()
    data = site.end(message)

    assert lines(data) == {leaver.device: "unassigned"}
    assert len(site.posts(leaver.device)) == len(site.published(message)) == 1


def test_hosts_killed_again_and_again_end_each_run_and_its_verification_once(
    own_site: OwnSite, tables: Azurite
) -> None:
    site = own_site(JOURNAL_URL=f"{tables.endpoint}/journal", VERIFY_AFTER="1s")
    leavers = [site.people.take() for _ in range(4)]
    host = site.start_host()
    messages = [site.left(leaver) for leaver in leavers]
    for few in (0, 3):
        site.until(partial(lambda few: sum(len(site.published(each)) for each in messages) > few, few))
        site.kill_host(host)
        host = site.start_host()

    site.until(lambda: all(len({event["id"] for event in site.published(each)}) == 2 for each in messages), seconds=90)

    for leaver, message in zip(leavers, messages, strict=True):
        assert {event["type"].rpartition(".")[2] for event in site.published(message)} == {"completed", "verified"}
        assert len(site.posts(leaver.device)) == 1
