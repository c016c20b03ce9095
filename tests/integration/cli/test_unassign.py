"""`offboard unassign` on an emulated Graph and identity endpoint; no setting leads to Service Bus."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import main
from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import ONE_DEVICE, UNASSIGN_USER, Status, When
from emulators.graph.tenant import Device, Tenant
from emulators.identity.emulator import IdentityEmulator
from shared.settings import reading
from shared.settings.fields import TABLE

D1, D2 = "1e996c8b-3220-5ef8-b9f3-e362655549f8", "7e960c57-df96-5dff-bdfe-d3a325a93aec"
ADELE = "adele.vance@contoso.example"


class Desk:
    """An engineer's desk: `unassign(…)` calls the command."""

    def __init__(self, graph: GraphEmulator, identity: IdentityEmulator, journal: Path) -> None:
        self.graph = graph
        self.journal = journal
        self._settings = {"GRAPH_ENDPOINT": graph.endpoint, **identity.environment}

    def unassign(self, *arguments: str, typed: str | bytes = "", **settings: str) -> Result:
        ours = {each.name for each in TABLE.values()} & reading.process_environment().keys()
        environment = {**dict.fromkeys(ours), **self._settings, **settings}
        return CliRunner().invoke(main.app, ["unassign", *arguments], input=typed, env=environment)

    @property
    def posts(self) -> list[str]:
        return [f"{call.api_version} {call.path}" for call in self.graph.calls if call.method == "POST"]

    def user(self, device: str) -> str | None:
        return self.graph.tenant.devices[device].user_principal_name


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    devices = [
        Device(id=each, serial_number=f"S-{each[:4]}", user_principal_name=ADELE, resource_name="r")
        for each in (D1, D2)
    ]
    with GraphEmulator(Tenant(devices), strict=True) as graph, IdentityEmulator() as identity:
        yield Desk(graph, identity, tmp_path / "journal.sqlite3")


def lines(result: Result) -> list[tuple[str, str]]:
    return [(each["autopilotDeviceId"], each["outcome"]) for each in json.loads(result.stdout)["devices"]]


def test_a_device_is_unassigned_with_nothing_set_but_where_graph_is_and_no_file_is_made(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = desk.unassign(D1, "--yes")

    assert list(tmp_path.iterdir()) == []

    assert result.exit_code == 0
    assert "unassigned" in result.stdout
    assert "Not recorded: JOURNAL_URL is not given." in result.stderr
    assert (desk.user(D1), desk.user(D2)) == ("", ADELE)


@pytest.mark.parametrize(
    "typed", [f"{D1}\n{D2}\n", json.dumps({"value": [{"Id": D1}, {"id": D2}]})], ids=["lines", "JSON"]
)
def test_ids_come_from_standard_input(desk: Desk, typed: str) -> None:
    result = desk.unassign("--yes", "--json", typed=typed)

    assert result.exit_code == 0
    assert lines(result) == [(D1, "unassigned"), (D2, "unassigned")]


@pytest.mark.parametrize(
    ("typed", "code", "left"),
    [("y\n", 0, ""), ("n\n", 2, ADELE), ("", 2, ADELE)],
    ids=["yes", "no", "nobody there"],
)
def test_it_asks_before_it_acts(desk: Desk, typed: str, code: int, left: str) -> None:
    result = desk.unassign(D1, "--json", typed=typed)

    assert result.exit_code == code
    assert f"Unassign the user of {D1}? " in result.stderr
    assert desk.user(D1) == left
    assert ("give --yes" in result.stderr) is (typed == "")


def test_confirm_asks_for_each_device(desk: Desk) -> None:
    result = desk.unassign(D1, D2, "--confirm", typed="n\ny\n")

    assert result.exit_code == 0
    assert f"Unassign the user of {D1}? " in result.stderr
    assert (desk.user(D1), desk.user(D2)) == (ADELE, "")


@pytest.mark.parametrize(
    ("option", "settings"), [("--what-if", {}), ("--json", {"DRY_RUN": "true"})], ids=["option", "DRY_RUN"]
)
def test_what_if_changes_and_records_nothing_and_need_not_ask(
    desk: Desk, option: str, settings: dict[str, str]
) -> None:
    result = desk.unassign(option, "--json", typed=D1, JOURNAL_URL=f"sqlite:///{desk.journal}", **settings)

    assert (result.exit_code, lines(result), desk.posts) == (0, [(D1, "wouldUnassign")], [])
    assert not desk.journal.exists()


def test_the_second_route_and_headers_are_asked_for_and_answers_headers_shown(desk: Desk) -> None:
    result = desk.unassign(
        D1,
        "--yes",
        "--path",
        "deployment-profile",
        "--header",
        "client-request-id=7f3c",
        "--response-headers",
        "--json",
    )

    (line,) = json.loads(result.stdout)["devices"]
    assert len(line["responseHeaders"]["request-id"]) == 36
    (post,) = [call for call in desk.graph.calls if call.method == "POST"]
    assert post.path.endswith(f"/{D1}/deploymentProfile/assignedDevices/{D1}/unassignUserFromDevice")
    assert post.headers["client-request-id"] == "7f3c"


def test_people_see_the_headers_below_the_table(desk: Desk) -> None:
    result = desk.unassign(D1, "--yes", "--response-headers")

    assert f"\n{D1}\n  request-id: " in result.stdout


def test_a_resource_account_is_unassigned_where_it_is_allowed(desk: Desk) -> None:
    refused = desk.unassign(D1, "--resource-account", "--yes")
    result = desk.unassign(D1, "--resource-account", "--yes", ALLOW_RESOURCE_ACCOUNT_UNASSIGN="true")

    assert (refused.exit_code, result.exit_code) == (2, 0)
    assert "ALLOW_RESOURCE_ACCOUNT_UNASSIGN=true" in refused.stderr
    assert len(desk.posts) == 1
    assert (desk.user(D1), desk.graph.tenant.devices[D1].resource_name) == (ADELE, "")


def test_pass_thru_prints_true_or_false_and_nothing_else(desk: Desk) -> None:
    result = desk.unassign(D1, "gone", D2, "--yes", "--pass-thru")

    assert (result.exit_code, result.stdout) == (1, "true\nfalse\ntrue\n")


def test_somebody_elses_device_is_left_alone(desk: Desk) -> None:
    result = desk.unassign(D1, "--yes", "--json", "--expect-user", "megan@contoso.example")

    assert (result.exit_code, lines(result), desk.posts) == (1, [(D1, "assignedToSomeoneElse")], [])


@pytest.mark.parametrize(
    "protection", [{"PROTECTED_USERS": "adele.*"}, {"PROTECTED_SERIAL_NUMBERS": "s-1e*"}], ids=["user", "device"]
)
def test_what_the_settings_protect_is_protected_here(desk: Desk, protection: dict[str, str]) -> None:
    result = desk.unassign(D1, "--yes", **protection)

    assert (result.exit_code, desk.posts) == (1, [])
    assert "Protected" in result.stdout


def test_the_act_is_recorded_where_a_journal_is_given(desk: Desk) -> None:
    url = f"sqlite:///{desk.journal}"

    result = desk.unassign(D1, D2, "--yes", "--json", "--reason", "left without notice", JOURNAL_URL=url)

    event_id = json.loads(result.stdout)["eventId"]
    with contextlib.closing(sqlite3.connect(desk.journal)) as journal:
        rows = journal.execute("SELECT event_id, kind, content FROM journal ORDER BY sequence").fetchall()
    assert {row[0] for row in rows} == {event_id}
    act = json.loads(rows[0][2])
    assert (act["kind"], act["reason"]) == ("unassign", "left without notice")
    steps = [json.loads(content)["step"] for _, kind, content in rows if kind == "entry"]
    assert sorted(steps) == ["accepted", "accepted", "intent", "intent"]
    assert f"as event {event_id}" in result.stderr


def test_without_its_journal_nothing_is_done(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "no.sqlite3").write_text("not a database, but long enough to be taken for a damaged one" * 20)

    result = desk.unassign(D1, "--yes", JOURNAL_URL=f"sqlite:///{tmp_path / 'no.sqlite3'}")

    assert (result.exit_code, desk.posts) == (2, [])
    assert "check JOURNAL_URL" in result.stderr


def test_a_graph_that_refuses_ends_with_1_and_one_out_of_reach_with_2(desk: Desk) -> None:
    desk.graph.faults.add(When(path=UNASSIGN_USER), Status(403))

    refused = desk.unassign(D1, "--yes")
    desk.graph.faults.add(When(path=ONE_DEVICE), Status(503, headers={"Retry-After": "600"}))
    unreachable = desk.unassign(D1, "--yes")

    assert (refused.exit_code, unreachable.exit_code) == (1, 2)
    assert "GraphPermissionDenied" in refused.stdout
    assert "check GRAPH_ENDPOINT" in unreachable.stderr


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
