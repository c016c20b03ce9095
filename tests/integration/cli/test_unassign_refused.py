"""What `offboard unassign` leaves alone, records, or refuses."""

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from emulators.graph.faults import ONE_DEVICE, UNASSIGN_USER, Status, When
from tests.integration.cli.desk import D1, D2, GONE, Desk, lines


def test_somebody_elses_device_is_left_alone(desk: Desk) -> None:
    result = desk.unassign(D1, "--yes", "--json", "--expect-user", "megan@contoso.example")

    assert (result.exit_code, lines(result), desk.posts) == (1, [(D1, "assignedToSomeoneElse")], [])
    assert json.loads(result.stdout)["devices"][0]["detail"] == "--expect-user names megan@contoso.example"


@pytest.mark.parametrize(
    "protection", [{"PROTECTED_USERS": "adele.*"}, {"PROTECTED_SERIAL_NUMBERS": "s-1e*"}], ids=["user", "device"]
)
def test_what_the_settings_protect_is_protected_here(desk: Desk, protection: dict[str, str]) -> None:
    result = desk.unassign(D1, "--yes", **protection)

    assert (result.exit_code, desk.posts) == (1, [])
    assert "Protected" in result.stdout


def test_the_act_is_recorded_where_a_journal_is_given(desk: Desk) -> None:
    url = f"sqlite:///{desk.journal}"

    options = ("--json", "--reason", "left without notice", "--operator", "Grace Hopper")
    result = desk.unassign(D1, D2, "--yes", *options, JOURNAL_URL=url)

    event_id = json.loads(result.stdout)["eventId"]
    with contextlib.closing(sqlite3.connect(desk.journal)) as journal:
        rows = journal.execute("SELECT event_id, kind, content FROM journal ORDER BY sequence").fetchall()
    assert {row[0] for row in rows} == {event_id}
    act = json.loads(rows[0][2])
    assert (act["kind"], act["reason"], act["operator"]) == ("unassign", "left without notice", "Grace Hopper")
    steps = [json.loads(content)["step"] for _, kind, content in rows if kind == "entry"]
    assert sorted(steps) == ["accepted", "accepted", "intent", "intent"]
    assert f"as event {event_id}" in result.stderr


def test_without_its_journal_nothing_is_done(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "no.sqlite3").write_text("not a database, but long enough to be taken for a damaged one" * 20)

    result = desk.unassign(D1, "--yes", JOURNAL_URL=f"sqlite:///{tmp_path / 'no.sqlite3'}")

    assert (result.exit_code, result.stdout, desk.posts) == (2, "", [])
    assert "nothing was done, as it could not be recorded" in result.stderr
    assert "check JOURNAL_URL" in result.stderr


def test_a_graph_that_refuses_ends_with_1_and_one_out_of_reach_with_2(desk: Desk) -> None:
    desk.graph.faults.add(When(path=UNASSIGN_USER), Status(403))

    refused = desk.unassign(D1, "--yes")
    desk.graph.faults.add(When(path=ONE_DEVICE), Status(503, headers={"Retry-After": "600"}))
    unreachable = desk.unassign(D1, "--yes")

    assert (refused.exit_code, unreachable.exit_code) == (1, 2)
    assert "GraphPermissionDenied" in refused.stdout
    assert "nothing could be reached: check GRAPH_ENDPOINT" in unreachable.stderr
    assert "nothing could be reached" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        ([], "", "no device is named"),
        ([D1, "../users", "--yes"], "", "argument 2 is no Autopilot device id"),
        (["--yes"], f"{D1}\n?\n", "line 2 is no Autopilot device id"),
        (["-"], D1, "give --yes"),
        ([D1, "--yes", "--confirm"], "", "give one of them"),
        ([D1, "--yes", "--pass-thru", "--json"], "", "leave out --json"),
        ([D1, "--yes", "--header", "x"], "", "--header must be NAME=VALUE"),
        ([D1, "--yes", "--header", "authorization=Bearer x"], "", "set by the sign-in"),
        ([D1, "--yes", "--header", "x-a=1", "--header", "X-A=2"], "", "given twice"),
        ([D1, "--yes", "--expect-user", ""], "", "--expect-user must be a user principal name"),
        ([D1, "--yes", "--resource-account", "--path", "deployment-profile"], "", "for the user only"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_line_and_nothing_is_done(
    desk: Desk, arguments: list[str], typed: str, says: str
) -> None:
    result = desk.unassign(*arguments, typed=typed)

    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not desk.graph.calls


def test_wrong_settings_are_listed(desk: Desk) -> None:
    result = desk.unassign(D1, "--yes", GRAPH_ENDPOINT="http://elsewhere.example", DRYRUN="1")

    assert result.exit_code == 2
    assert "2 settings need mending" in result.stderr


def test_devices_are_counted_among_those_of_the_hour_all_or_none(desk: Desk) -> None:
    result = desk.unassign(D1, D2, "--yes", BLAST_RADIUS_PER_HOUR="1")

    assert (result.exit_code, desk.posts) == (1, [])
    assert "BlastRadiusExceeded" in result.stdout


def test_with_a_journal_they_are_counted_over_all_processes(desk: Desk) -> None:
    settings = {"BLAST_RADIUS_PER_HOUR": "1", "JOURNAL_URL": f"sqlite:///{desk.journal}"}

    codes = [desk.unassign(each, "--yes", **settings).exit_code for each in (D1, D2)]

    assert codes == [0, 1]
    assert len(desk.posts) == 1


def test_what_was_counted_and_not_touched_is_given_back(desk: Desk) -> None:
    settings = {"BLAST_RADIUS_PER_HOUR": "2", "JOURNAL_URL": f"sqlite:///{desk.journal}"}

    codes = [desk.unassign(*each, "--yes", **settings).exit_code for each in ((D1, GONE), (D2,))]

    assert codes == [1, 0]
