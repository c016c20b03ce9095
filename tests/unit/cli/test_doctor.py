"""What the doctor says of tokens, clocks, versions and findings, without asking anybody."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from cli.doctor import clock, findings, graph_rights, showing, versions
from cli.doctor.clock import Answered
from cli.doctor.findings import Finding, Status
from cli.doctor.identity import Claims

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
WRITE = "DeviceManagementServiceConfig.ReadWrite.All"


def claims(**content: Any) -> Claims:
    return Claims.of(content)


def told(found: list[Finding] | tuple[Finding, ...] | Any) -> list[tuple[str, str]]:
    return [(each.status.value, each.text.split(" (")[0]) for each in found]


def test_a_token_without_any_claim_has_no_rights_and_names_nobody() -> None:
    empty = claims(roles="not a list", iat="soon")

    assert (empty.roles, empty.scopes, empty.issued_at, empty.object_id) == (frozenset(), frozenset(), None, "unknown")
    assert not empty.of_a_person


@pytest.mark.parametrize(
    ("content", "resolve", "expected"),
    [
        ({"roles": [WRITE]}, False, [("ok", WRITE)]),
        ({"roles": [WRITE, "User.Read.All"]}, True, [("ok", f"{WRITE} and User.Read.All")]),
        ({"roles": [WRITE, "Directory.Read.All"]}, True, [("warn", "more than it needs: Directory.Read.All")]),
        ({"roles": [WRITE, "User.Read.All"]}, False, [("warn", "more than it needs: User.Read.All")]),
        ({"roles": []}, True, [("fail", f"{WRITE} is missing"), ("fail", "User.Read.All is missing")]),
        ({}, False, [("fail", f"{WRITE} is missing")]),
        ({"scp": f"openid {WRITE}"}, False, [("ok", WRITE)]),
        ({"scp": "User.ReadWrite.All Directory.AccessAsUser.All"}, False, [("fail", f"{WRITE} is missing")]),
    ],
    ids=["just it", "with users", "a wider one", "users unneeded", "none", "no claim", "a person", "a person without"],
)
def test_rights_are_compared_with_what_is_needed(
    content: dict[str, Any], resolve: bool, expected: list[tuple[str, str]]
) -> None:
    assert told(graph_rights.check(claims(**content), resolve_users=resolve)) == expected


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(0, "ok"), (29, "ok"), (-29, "ok"), (31, "warn"), (-31, "warn"), (299, "warn"), (300, "fail"), (-3600, "fail")],
)
def test_a_clock_is_judged_by_graphs_answer(ahead: int, status: str) -> None:
    ours = NOW + timedelta(seconds=ahead)
    headers = {"date": format_datetime(NOW, usegmt=True)}

    found = clock.check(Answered(headers=headers, asked_at=ours, got_at=ours), None, now=ours)

    assert found.status.value == status


def test_a_slow_answer_is_no_wrong_clock() -> None:
    headers = {"date": format_datetime(NOW, usegmt=True)}
    answered = Answered(headers=headers, asked_at=NOW - timedelta(seconds=40), got_at=NOW + timedelta(seconds=40))

    assert clock.check(answered, None, now=NOW).status is Status.OK


@pytest.mark.parametrize(
    ("issued_at", "status"),
    [(NOW + timedelta(hours=1), "fail"), (NOW - timedelta(hours=20), "warn"), (None, "warn")],
    ids=["issued in an hour", "an old one", "none"],
)
def test_without_an_answer_a_token_tells_a_clock_that_is_behind(issued_at: datetime | None, status: str) -> None:
    assert clock.check(None, issued_at, now=NOW).status.value == status


@pytest.mark.parametrize("date", [None, "yesterday", ""])
def test_an_answer_without_a_time_tells_nothing(date: str | None) -> None:
    headers = {} if date is None else {"date": date}

    assert "not checked" in clock.check(Answered(headers=headers, asked_at=NOW, got_at=NOW), None, now=NOW).text


@pytest.mark.parametrize(
    ("python", "requirements", "expected"),
    [
        ((3, 13), ["typer>=0.1"], ["ok"]),
        ((3, 12), [], ["fail"]),
        ((3, 13), ["no-such-library==1"], ["fail"]),
        ((3, 13), ["typer==0.0.1"], ["warn"]),
    ],
)
def test_versions_are_those_that_were_tested(
    python: tuple[int, ...], requirements: list[str], expected: list[str]
) -> None:
    assert [each.status.value for each in versions.judged(python, requirements)] == expected


OK, WARN, FAIL = findings.ok("a", "x"), findings.warn("b", "y", "mend y"), findings.fail("c", "z", "mend z")


@pytest.mark.parametrize(
    ("found", "code"),
    [([OK], 0), ([OK, WARN], 0), ([OK, FAIL, WARN], 1), ([FAIL, findings.fail("d", "z", "m", basic=True)], 2)],
)
def test_the_exit_code_is_that_of_the_worst(found: list[Finding], code: int) -> None:
    assert findings.code(found) == code


def test_people_get_a_line_for_each_with_its_mend(capsys: pytest.CaptureFixture[str]) -> None:
    showing.as_text([OK, WARN, FAIL])

    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["ok", "a", "x"],
        ["warn", "b", "y"],
        ["->", "mend", "y"],
        ["fail", "c", "z"],
        ["->", "mend", "z"],
        ["1", "failed,", "1", "to", "look", "at."],
    ]


@pytest.mark.parametrize(
    ("statuses", "says"),
    [
        ("ok ok", "All is well."),
        ("fail ok", "1 failed."),
        ("warn warn", "2 to look at."),
        ("fail warn", "1 failed, 1 to look at."),
    ],
)
def test_the_last_line_counts_and_leaves_nought_out(
    capsys: pytest.CaptureFixture[str], statuses: str, says: str
) -> None:
    showing.as_text([Finding(check="x", status=Status(each), text="y", mend="") for each in statuses.split()])

    assert capsys.readouterr().out.splitlines()[-1] == says
