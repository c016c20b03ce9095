import random

import pytest
import typer

from cli.csv_file import reading
from cli.csv_file.reading import Row


def read(content: bytes | str, delimiter: str | None = None) -> reading.Sheet:
    data = content if isinstance(content, bytes) else content.encode()
    return reading.sheet(data, "list.csv", delimiter, lambda name: name == "mail")


def refused(capsys: pytest.CaptureFixture[str], content: bytes | str, delimiter: str | None = None) -> str:
    with pytest.raises(typer.Exit) as end:
        read(content, delimiter)
    assert end.value.exit_code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "content",
    [
        "name,mail\nAnna,a@x\n",
        "name,mail\r\nAnna,a@x\r\n",
        "name,mail\rAnna,a@x\r",
        "name,mail\nAnna,a@x",
        "\ufeffname,mail\nAnna,a@x\n",
        "name;mail\nAnna;a@x\n",
        "name\tmail\nAnna\ta@x\n",
        "sep=;\r\nname;mail\r\nAnna;a@x\r\n",
        "sep=|\nname|mail\nAnna|a@x\n",
        '"name","mail"\n"Anna","a@x"\n',
        " name , mail \n Anna ,\u00a0a@x \n",
    ],
    ids=[
        "lf",
        "crlf",
        "cr",
        "no last break",
        "a mark",
        "semicolons",
        "tabs",
        "sep=",
        "sep=|",
        "quotes",
        "space around",
    ],
)
def test_a_file_is_read_however_a_spreadsheet_writes_it(content: str) -> None:
    sheet = read(content)

    assert sheet.header == ("name", "mail")
    assert [row.cells for row in sheet.rows] == [("Anna", "a@x")]


def test_rows_have_the_numbers_that_a_spreadsheet_shows() -> None:
    content = 'name,mail\n\n"An\nna",a@x\n,\n \nBea,b@x\n'

    assert read(content).rows == [Row(3, ("An\nna", "a@x")), Row(6, ("Bea", "b@x"))]
    assert [row.number for row in read(f"sep=,\n{content}").rows] == [4, 7]


def test_the_delimiter_is_the_one_that_finds_a_known_column() -> None:
    assert read('mail;"a, b, c"\na@x;1\n').header == ("mail", "a, b, c")
    assert read("x;y,mail\n1;2,a@x\n").header == ("x;y", "mail")


def test_the_delimiter_may_be_said() -> None:
    assert read("name|mail\nAnna|a@x\n", "|").header == ("name", "mail")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "list.csv is empty"),
        (b"\n\n", "list.csv is empty"),
        (b"\xef\xbb\xbf", "list.csv is empty"),
        (b"name,mail\n", "list.csv has a header and no rows"),
        ("name,mail\nAnna,a@x\n".encode("utf-16"), "list.csv is UTF-16: save it as 'CSV UTF-8'"),
        ("name,mail\nAnna,a@x\n".encode("utf-16-le"), "list.csv is UTF-16"),
        ("name,mail\nAnna,a@x\n".encode("utf-16-be"), "list.csv is UTF-16"),
        (random.Random(7).randbytes(3000), "list.csv is binary, and no CSV"),
        (b"\xff\xfe" + random.Random(7).randbytes(2999), "list.csv is binary, and no CSV"),
        (
            "name,mail\nAnna,a@x\nJürgen,j@x\n".encode("cp1252"),
            "list.csv is not UTF-8 (line 3): save it as 'CSV UTF-8'",
        ),
        (b'name,mail\n"Anna,a@x\nBea,b@x\n', "list.csv is no CSV at row 2 (line 3): unexpected end of data"),
        (b'name,mail\n"An"na,a@x\n', "list.csv is no CSV at row 2 (line 2): ',' expected after '\"'"),
        (b'"name,mail\nAnna,a@x\n', "list.csv is no CSV at row 1"),
        (b"name,mail\nAnna," + b"x" * 200_000, "list.csv is no CSV at row 2 (line 2): field larger than field limit"),
    ],
)
def test_what_is_no_table_is_refused_with_the_mend(
    capsys: pytest.CaptureFixture[str], content: bytes, says: str
) -> None:
    assert says in refused(capsys, content)


def test_a_delimiter_is_one_character(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--delimiter must be one character" in refused(capsys, "a,b\n1,2\n", "||")


def test_a_file_without_end_is_not_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert "more than 50 MiB: split it" in refused(capsys, b"x" * (reading.MAX_BYTES + 1))
    assert "at most 100000 are taken at once" in refused(capsys, "mail\n" + "a@x\n" * 100_001)


def test_a_row_of_another_width_than_the_header_is_a_problem() -> None:
    sheet = read("name,mail\nAnna\nBea,b@x,\nCleo,c@x\n")

    assert [row.number for row in sheet.rows] == [4]
    assert sheet.problems == {
        2: "has 1 cell, the header 2: put quotes around a cell that holds the delimiter",
        3: "has 3 cells, the header 2: put quotes around a cell that holds the delimiter",
    }


def test_a_wall_of_problems_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        reading.refuse_all("list.csv", dict.fromkeys(range(2, 72), "is wrong"), as_json=False)
    told = capsys.readouterr().err.splitlines()

    assert len(told) == 52
    assert told[50:] == ["... and 20 more", "nothing was done: 70 rows need mending in list.csv"]
