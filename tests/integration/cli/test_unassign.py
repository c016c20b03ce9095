"""`offboard unassign` on an emulated Graph and identity endpoint; no setting leads to Service Bus."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.desk import ADELE, D1, D2, GONE, Desk, lines
from tests.integration.cli.terminals import half_in_a_terminal


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
    result = desk.unassign(D1, GONE, D2, "--yes", "--pass-thru")

    assert (result.exit_code, result.stdout) == (1, "true\nfalse\ntrue\n")


def test_how_far_it_is_with_many_is_shown_on_a_terminal(desk: Desk) -> None:
    code, told, shown = half_in_a_terminal(["unassign", D1, D2, "--yes", "--json"], desk.settings)
    one = half_in_a_terminal(["unassign", D1, "--yes", "--json"], desk.settings)

    assert (code, [each["outcome"] for each in json.loads(told)["devices"]]) == (0, ["unassigned"] * 2)
    assert "unassigning" in shown
    assert "━" in shown
    assert "2/2" in shown
    assert "━" not in one[2], "for one there is nothing to count"
