from pathlib import Path
from typing import Any

import pytest
import typer

from cli.csv_file import rows
from cli.csv_file.rows import EventsOfFile
from tests import builders

NO_TIME = "must be an RFC 3339 time with an offset, such as 2026-11-22T09:30:00Z"
HEADER = "userPrincipalName,ticket\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "list.csv"


def read(file: Path, content: str, again: str = "", *chosen: str, **fields: Any) -> EventsOfFile:
    file.write_text(content, encoding="utf-8")
    return rows.read(file, chosen=chosen, event_type=None, delimiter=None, fields=fields, again=again)


def refused(capsys: pytest.CaptureFixture[str], file: Path, content: str, *chosen: str, **fields: Any) -> list[str]:
    with pytest.raises(typer.Exit) as end:
        read(file, content, "", *chosen, **fields)
    assert end.value.exit_code == 2
    return capsys.readouterr().err.splitlines()


def ids(found: EventsOfFile) -> list[str]:
    return [row.event.event_id for row in found.rows]


def test_each_row_is_an_event(file: Path) -> None:
    content = (
        "User Principal Name;previousUserPrincipalNames;effectiveAt;dry run;reason;nickname\n"
        'a@x.example;a1@x.example | a2@x.example;2026-12-01T18:00:00Z;Yes;"moved\non";An\n'
        "b@x.example;;;no;;Bea\n"
    )

    first, second = read(file, content, ticket="T", dryRun=None).rows

    assert first.number == 2
    assert {**first.event.data, "eventId": ""} == {
        "user": {
            "userPrincipalName": "a@x.example",
            "previousUserPrincipalNames": ["a1@x.example", "a2@x.example"],
        },
        "effectiveAt": "2026-12-01T18:00:00Z",
        "dryRun": True,
        "reason": "moved\non",
        "ticket": "T",
        "eventId": "",
    }
    assert {**second.event.data, "eventId": ""} == {
        "user": {"userPrincipalName": "b@x.example"},
        "dryRun": False,
        "ticket": "T",
        "eventId": "",
    }


def test_devices_too(file: Path) -> None:
    content = "serialNumber,actions,assignedUserPrincipalName\nS 1,unassignUser unassignResourceAccount,a@x.example\n"

    (row,) = read(file, content).rows

    assert row.event.type == "device.retired"
    assert row.event.data["device"] == {"serialNumber": "S 1"}
    assert row.event.data["actions"] == ["unassignUser", "unassignResourceAccount"]
    assert row.event.data["assignedUserPrincipalName"] == "a@x.example"


def test_every_row_that_is_wrong_is_named_with_its_column(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    content = """Mail,user.id,Leaving,dryRun,previousUserPrincipalNames
good@x.example,,,,
anna,,,,
b@x.example,7,tomorrow,,
,,2026-12-01T18:00:00Z,,
d@x.example,,,perhaps,
e@x.example,,,,fine@x.example;bad
"""

    told = refused(capsys, file, content, "userPrincipalName=Mail", "effectiveAt=Leaving")

    assert told == [
        "row 3: Mail: must be a user principal name, such as name@contoso.com",
        f"row 4: Leaving: {NO_TIME}; user.id: must be a GUID, such as 6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11",
        "row 5: $.user: is required",
        "row 6: dryRun: must be true or false",
        "row 7: previousUserPrincipalNames: must be a user principal name, such as name@contoso.com",
        "nothing was done: 5 rows need mending in list.csv",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "userPrincipalName\na@x.example\nb@x.example\nA@X.example\n",
            "row 4: has the same userPrincipalName as row 2: keep one of them",
        ),
        (
            f"user.id,userPrincipalName\n{builders.LEAVER_ID},a@x.example\n{builders.LEAVER_ID.upper()},b@x.example\n",
            "row 3: has the same id as row 2: keep one of them",
        ),
        ("serialNumber\ns1\nS1\n", "row 3: has the same serialNumber as row 2: keep one of them"),
        ("serialNumber,eventId\nS1,E\nS2,E\n", "row 3: has the same eventId as row 2: keep one of them"),
    ],
    ids=["name", "id", "device", "event"],
)
def test_the_same_twice_is_refused_and_both_rows_are_named(
    capsys: pytest.CaptureFixture[str], file: Path, content: str, told: str
) -> None:
    assert refused(capsys, file, content)[0] == told


@pytest.mark.parametrize("cell", ["1.23E+11", "1,23E+11", "5E10", '="00123"'])
def test_a_serial_number_that_a_spreadsheet_rewrote_is_refused(
    capsys: pytest.CaptureFixture[str], file: Path, cell: str
) -> None:
    assert "was rewritten by a spreadsheet" in refused(capsys, file, f"serialNumber;x\n{cell};\n")[0]


def test_an_option_and_a_column_may_not_give_the_same(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    told = refused(capsys, file, HEADER + "a@x.example,T\n", ticket="U")

    assert told == ["an option and the column ticket both give ticket: leave one out"]


def test_a_row_keeps_its_id_wherever_it_stands_and_however_it_is_spelt(file: Path) -> None:
    before = ids(read(file, HEADER + "a@x.example,T\nb@x.example,T\n"))
    after = ids(
        read(file, "ticket;n;User Principal Name\n;1;new@x.example\nU;;B@x.example\n;;a@x.example\n", reason="r")
    )

    assert before[0] != before[1]
    assert after[1:] == [before[1], before[0]]
    assert all(each.startswith("csv-") and len(each) == 36 for each in after)


@pytest.mark.parametrize(
    "other",
    [
        "userPrincipalName\nb@x.example\n",
        "userPrincipalName,effectiveAt\na@x.example,2026-12-01T18:00:00Z\n",
        "userPrincipalName,previousUserPrincipalNames\na@x.example,old@x.example\n",
    ],
    ids=["who", "when", "former names"],
)
def test_another_event_has_another_id(file: Path, other: str) -> None:
    assert ids(read(file, "userPrincipalName\na@x.example\n")) != ids(read(file, other))


def test_a_dry_run_has_the_id_of_the_live_run(file: Path) -> None:
    content = "userPrincipalName\na@x.example\n"

    assert ids(read(file, content, dryRun=True)) == ids(read(file, content))


def test_a_word_makes_the_ids_new_and_always_the_same_ones(file: Path) -> None:
    content = "userPrincipalName\na@x.example\n"

    usual, spring, spring_again = (ids(read(file, content, again)) for again in ("", "spring", "spring"))

    assert usual != spring == spring_again


def test_a_row_may_name_its_event(file: Path) -> None:
    assert ids(read(file, "userPrincipalName,eventId\na@x.example,HR-1\n")) == ["HR-1"]


def test_a_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    with pytest.raises(typer.Exit):
        rows.read(file, chosen=[], event_type=None, delimiter=None, fields={})

    assert "list.csv cannot be read: No such file" in capsys.readouterr().err
