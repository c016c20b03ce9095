import json

import pytest

from cli.unassigning import ids
from cli.unassigning.ids import NoIds

A, B = "1e996c8b-3220-5ef8-b9f3-e362655549f8", "7e960c57-df96-5dff-bdfe-d3a325a93aec"
OBJECTS = [{"windowsAutopilotDeviceIdentityId": A}, {"id": B, "serialNumber": "SN-1"}]


@pytest.mark.parametrize(
    "text",
    [
        f"{A}\n{B}",
        f"  {A}  \r\n\r\n{B}\r\n",
        f"\ufeff{A}\n{B}\n",
        json.dumps(OBJECTS),
        json.dumps({"@odata.context": "x", "value": OBJECTS}, indent=2),
        "\n".join(map(json.dumps, OBJECTS)),
        "".join(json.dumps(each, indent=2) for each in OBJECTS),
        json.dumps([A, B]),
        json.dumps([{"Id": A}, {"WindowsAutopilotDeviceIdentityId": B, "Id": "other"}]),
        f"{json.dumps(OBJECTS[0])}\n{B}",
        f"{A}\n{B}\n{A.upper()}\n",
    ],
    ids=[
        "lines",
        "spaces and blank lines",
        "a byte order mark",
        "an array",
        "a page of the list",
        "an object a line",
        "objects without anything between",
        "an array of ids",
        "as PowerShell writes names",
        "mixed",
        "one twice",
    ],
)
def test_ids_are_read_as_lines_or_as_json(text: str) -> None:
    assert ids.from_text(text.encode()) == (A, B)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no device is named"),
        (b" \n\n", "no device is named"),
        (b"[]", "no device is named"),
        (b"\xff\xfe1\x00", "not UTF-8"),
        (f"{A}\n\n../users\n".encode(), "line 3 is no Autopilot device id"),
        (f"{A}\n{{".encode(), "line 2 begins like JSON"),
        (json.dumps([{"id": A}, {"serialNumber": "SN-1"}]).encode(), "line 1, entry 2 has no id"),
        (b'{"id": 7}', "line 1 is no Autopilot device id"),
        (b'{"id": ""}', "line 1 is no Autopilot device id"),
        (b'{"id": null}', "line 1 has no id"),
        (b"[[3]]", "line 1, entry 1, entry 1 is no Autopilot device id"),
        (f"{A}\nd1\n".encode(), "line 2 is no Autopilot device id: give the id of .*, a GUID"),
        (
            json.dumps({"@odata.nextLink": "https://x", "value": [{"id": A}]}).encode(),
            "line 1 is one page of a list that has more",
        ),
        (b"d" * 129, "line 1 is no Autopilot device id"),
    ],
)
def test_what_is_no_id_is_told_by_its_place_before_anything_is_done(content: bytes, says: str) -> None:
    with pytest.raises(NoIds, match=says):
        ids.from_text(content)


def test_an_argument_that_is_no_id_is_told_by_its_number() -> None:
    with pytest.raises(NoIds, match="argument 2 is no"):
        ids.from_arguments([A, ""])
    with pytest.raises(NoIds, match="argument 2 is no"):
        ids.from_arguments([A, "1e996c8b-3220-5ef8-b9f3-e362655549", B])


def test_arguments_keep_their_order_and_count_once() -> None:
    assert ids.from_arguments([B, A, B]) == (B, A)
