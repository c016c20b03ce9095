import pytest
import typer

from cli.csv_file import columns

LEFT, RETIRED = "user.offboarded", "device.retired"


def assigned(header: str, *chosen: str, event: str | None = None, ignored: tuple[str, ...] = ()) -> columns.Columns:
    return columns.assigned(header.split(","), chosen, event, "list.csv", ignored)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("userPrincipalName", "user.userPrincipalName"),
        ("User Principal Name", "user.userPrincipalName"),
        ("user.user_principal_name", "user.userPrincipalName"),
        ("user.id", "user.id"),
        ("Serial number", "device.serialNumber"),
        ("device.entraDeviceId", "device.entraDeviceId"),
    ],
)
def test_a_column_is_known_by_its_name(header: str, field: str) -> None:
    found = assigned(header)

    assert found.fields == {0: field}
    assert found.event_type == (LEFT if field.startswith("user") else RETIRED)


def test_every_column_that_can_be_read_is_and_the_others_are_named() -> None:
    found = assigned("Name,UserPrincipalName,,Effective At,dry-run,id,Ticket")

    assert found.fields == {
        1: "user.userPrincipalName",
        3: "effectiveAt",
        4: "dryRun",
        6: "ticket",
    }
    assert found.described() == (
        "reading UserPrincipalName as user.userPrincipalName, Effective At as effectiveAt, dry-run as dryRun, Ticket as ticket; "
        "not reading Name, id"
    )


def test_a_column_may_be_chosen() -> None:
    found = assigned("Mail,id,userPrincipalName,Leaving", "userPrincipalName=Mail", "id=id", "effectiveAt=Leaving")

    assert found.fields == {0: "user.userPrincipalName", 1: "user.id", 3: "effectiveAt"}
    assert found.unread == ["userPrincipalName"]
    assert found.name_of("user.id") == "id"


def test_a_file_with_columns_for_both_events_is_for_the_one_that_is_said() -> None:
    header = "userPrincipalName,serialNumber"

    assert assigned(header, event=RETIRED).fields == {1: "device.serialNumber"}
    assert assigned(header, event=LEFT).fields == {0: "user.userPrincipalName"}


@pytest.mark.parametrize(
    ("header", "chosen", "event", "says"),
    [
        (
            "Name,Mail",
            [],
            None,
            "list.csv has no column that says whom or what an event is about: say which with --column",
        ),
        ("id", [], None, "no column that says whom"),
        (
            "userPrincipalName,serialNumber",
            [],
            None,
            "say which with --event user.offboarded or --event device.retired",
        ),
        ("userPrincipalName", [], "user.left", "--event must be one of user.offboarded, device.retired"),
        ("userPrincipalName,User Principal Name", [], None, "several columns for user.userPrincipalName"),
        ("userPrincipalName,Ticket,ticket", [], None, "several columns for ticket"),
        ("Mail,Mail", ["userPrincipalName=Mail"], None, "several columns Mail"),
        ("Mail", ["userPrincipalName=mail"], None, "list.csv has no column mail; it has Mail"),
        ("Mail", ["userPrincipalName"], None, "--column takes FIELD=COLUMN"),
        ("Mail", ["upn=Mail"], None, "FIELD is one of user.id, user.userPrincipalName"),
        ("Mail,M2", ["userPrincipalName=Mail", "userPrincipalName=M2"], None, "names user.userPrincipalName twice"),
        ("Mail", ["userPrincipalName=Mail", "ticket=Mail"], None, "--column names Mail twice"),
        (
            "userPrincipalName,S",
            ["serialNumber=S"],
            LEFT,
            "--column gives device.serialNumber, which no user.offboarded has",
        ),
    ],
)
def test_what_leaves_a_doubt_is_refused(
    capsys: pytest.CaptureFixture[str], header: str, chosen: list[str], event: str | None, says: str
) -> None:
    with pytest.raises(typer.Exit) as end:
        assigned(header, *chosen, event=event)

    assert end.value.exit_code == 2
    assert says in capsys.readouterr().err


def test_columns_that_are_not_read_may_share_a_name() -> None:
    assert assigned("Name,Name,userPrincipalName").fields == {2: "user.userPrincipalName"}


@pytest.mark.parametrize(
    ("header", "event", "meant"),
    [
        ("userPrincipalName,efectiveAt", None, "effectiveAt"),
        ("userPrincipalName,Effective Date", None, "effectiveAt"),
        ("userPrincipalName,Dry-Rn", None, "dryRun"),
        ("userPrincipleName", None, "userPrincipalName"),
        ("userPrincipalName,seriaNumber", None, "serialNumber"),
        ("Serial Numbr", RETIRED, "serialNumber"),
        ("user.userPrincipalNam", None, "userPrincipalName"),
    ],
)
def test_a_column_that_is_nearly_a_fields_makes_the_file_wrong(
    capsys: pytest.CaptureFixture[str], header: str, event: str | None, meant: str
) -> None:
    with pytest.raises(typer.Exit) as end:
        assigned(header, event=event)

    assert end.value.exit_code == 2
    assert f"did you mean {meant}?" in capsys.readouterr().err


def test_a_column_that_is_nearly_a_fields_may_be_told_or_ignored() -> None:
    header = "userPrincipalName,efectiveAt,Dry-Rn,Season,UserId"

    found = assigned(header, "effectiveAt=efectiveAt", ignored=("Dry-Rn", "Season"))

    assert found.fields == {0: "user.userPrincipalName", 1: "effectiveAt"}
    assert found.unread == ["Dry-Rn", "Season", "UserId"]


def test_a_column_that_would_be_read_may_be_ignored() -> None:
    assert assigned("userPrincipalName,serialNumber", ignored=("serialNumber",)).fields == {0: "user.userPrincipalName"}


def test_what_is_to_be_ignored_must_be_there(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        assigned("userPrincipalName", ignored=("Ticket",))

    assert "no column Ticket to ignore" in capsys.readouterr().err


def test_of_a_file_for_one_event_only_that_events_fields_are_meant() -> None:
    assert assigned("userPrincipalName,seriaNumber", event=LEFT).unread == ["seriaNumber"]
