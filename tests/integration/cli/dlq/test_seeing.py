"""`offboard dlq list` and `show`, on real queues."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, VERIFICATION, LocalParts
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import LEAVER, Bury, dead
from tests.integration.cli.recorded import ended, write

UNREACHABLE = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=Z2VoZWlt;UseDevelopmentEmulator=true;"


def test_dead_letters_are_counted_by_queue_and_reason_with_what_to_do(offboard: Offboard, bury: Bury) -> None:
    bury("l-1")
    bury("l-2")
    bury("l-3", b"{nonsense", reason="InvalidMessage", description="$: must be JSON")
    bury("l-4", {"device": {"serialNumber": "SN-1"}}, reason="AmbiguousDevice", queue=DEVICE_RETIREMENT)
    bury("l-5", reason="UnassignmentNotConfirmed", queue=VERIFICATION)

    for_people, as_json = offboard("dlq", "list"), offboard("dlq", "list", "--json")

    groups = {(group["queue"], group["reason"]): group for group in json.loads(as_json.stdout)["groups"]}
    assert {key: group["count"] for key, group in groups.items()} == {
        (USER_OFFBOARDING, "GraphPermissionDenied"): 2,
        (USER_OFFBOARDING, "InvalidMessage"): 1,
        (DEVICE_RETIREMENT, "AmbiguousDevice"): 1,
        (VERIFICATION, "UnassignmentNotConfirmed"): 1,
    }
    assert "Grant the application role" in groups[USER_OFFBOARDING, "GraphPermissionDenied"]["whatToDo"]
    assert (for_people.exit_code, as_json.exit_code) == (0, 0)
    assert "GraphPermissionDenied  2" in for_people.stdout
    assert "Grant the application role" in for_people.stdout


def test_each_is_listed_by_itself_and_the_conditions_narrow_the_list(offboard: Offboard, bury: Bury) -> None:
    bury("s-1")
    bury("s-2", {"device": {"serialNumber": "SN-1"}}, reason="AmbiguousDevice", queue=DEVICE_RETIREMENT)

    everything = offboard("dlq", "list", "--messages", "--json")
    one = offboard("dlq", "list", "--messages", "--queue", DEVICE_RETIREMENT, "--newer-than", "1h")
    none = offboard("dlq", "list", "--older-than", "1d")

    rows = {row["messageId"]: row for row in json.loads(everything.stdout)["deadLetters"]}
    assert (rows["s-1"]["about"], rows["s-2"]["about"]) == ("anna@contoso.example", "SN-1")
    assert datetime.fromisoformat(rows["s-1"]["firstEnqueuedAt"]).utcoffset() == timedelta(0)
    assert 0 <= rows["s-1"]["ageSeconds"] < 3600
    assert one.stdout.splitlines()[0] == f"{DEVICE_RETIREMENT}:"
    assert ("SN-1" in one.stdout, "anna" in one.stdout) == (True, False)
    assert none.stdout == "no dead letters\n"


def test_of_a_body_that_is_no_event_is_listed_whom_it_seems_to_be_about(offboard: Offboard, bury: Bury) -> None:
    bury("g-1", {"user": {"userPrincipleName": "anna@contoso.example"}}, reason="InvalidMessage")

    told, shown = offboard("dlq", "list", "--messages"), offboard("dlq", "list", "--messages", "--json")

    (row,) = json.loads(shown.stdout)["deadLetters"]
    assert "anna@contoso.example, it seems" in told.stdout
    assert (row["about"], row["seemsAbout"]) == ("", "anna@contoso.example")


def test_looking_changes_nothing(offboard: Offboard, bury: Bury, parts: LocalParts) -> None:
    bury("c-1")

    for arguments in (["list"], ["show", "c-1"], ["replay", "c-1"], ["discard", "c-1", "--because", "x"]):
        assert offboard("dlq", *arguments).exit_code == 0

    assert dead(parts) == ["c-1"]
    (held,) = parts.service_bus.snapshot(f"{USER_OFFBOARDING}/$DeadLetterQueue").active
    assert held.delivery_count == 1  # the delivery that was dead-lettered


def test_one_is_shown_with_all_that_is_known_of_it(offboard: Offboard, bury: Bury) -> None:
    bury("w-1", {"user": {"id": 7}, "eventId": "HR-1"}, reason="InvalidMessage", description="$.user.id", customer=7)

    shown = json.loads(offboard("dlq", "show", "w-1", "--json").stdout)

    assert (shown["messageId"], shown["reason"], shown["description"]) == ("w-1", "InvalidMessage", "$.user.id")
    assert shown["applicationProperties"]["customer"] == 7
    assert json.loads(shown["body"]) == {"user": {"id": 7}, "eventId": "HR-1"}
    assert shown["notReadableBecause"].startswith("$.user.id: ")
    assert shown["event"] is None
    assert "not the contract" in shown["meaning"]
    assert shown["journal"] == {"id": "user.offboarded:w-1", "devices": [], "ends": [], "acts": []}


def test_a_person_is_shown_words_and_times_in_utc_to_the_second(
    offboard: Offboard, bury: Bury, settings: dict[str, str]
) -> None:
    bury("p-1", {"eventId": "HR-7", **LEAVER}, reason="TooManyDevices")
    write(Path(settings["JOURNAL_URL"].removeprefix("sqlite:///")), ended("user.offboarded:HR-7"))

    told = offboard("dlq", "show", "p-1").stdout

    labels = [line.split("  ")[0] for line in told.partition("\nbody\n")[0].splitlines()]
    assert {"message id", "what to do", "safe to replay", "enqueued at"} <= set(labels)
    assert [label for label in labels if label != label.lower()] == []
    assert re.search(r"^first enqueued at +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", told, re.MULTILINE)
    assert "at (UTC)" in told
    assert re.search(r"^2026-11-02 \d\d:\d\d:\d\d +0 +no ", told, re.MULTILINE)
    assert not re.search(r"\d:\d\d\.\d|False|True", told)


def test_a_person_is_shown_text_that_cannot_do_anything_to_the_terminal(offboard: Offboard, bury: Bury) -> None:
    bury("x-1", b'{"user": "\x1b[31mred"}', reason="InvalidMessage", note="\x1b]0;title\x07")

    result = offboard("dlq", "show", "x-1")

    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    assert "red" in result.stdout


def test_the_event_that_the_body_was_read_as_is_shown_below_it(offboard: Offboard, bury: Bury) -> None:
    envelope = {"specversion": "1.0", "id": "CE-1", "source": "/hr", "type": "user.offboarded", "data": LEAVER}
    bury("v-1", envelope, reason="TooManyDevices")

    result = offboard("dlq", "show", "v-1")

    below = result.stdout.partition("\nread as\n")[2].partition("\n\n")[0]
    assert json.loads(below) == {"eventId": "CE-1", **LEAVER}


def test_the_journal_being_out_of_reach_hides_only_the_journal(
    offboard: Offboard, bury: Bury, no_journal: dict[str, str]
) -> None:
    bury("j-1")

    result = offboard("dlq", "show", "j-1", settings=no_journal)

    assert result.exit_code == 0
    assert "its record is out of reach: journal: " in result.stdout
    assert "anna@contoso.example" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list", "--queue", "elsewhere"], "elsewhere is not a queue of the settings: give --queue user-offboarding"),
        (["list", "--older-than", "soon"], "--older-than is"),
        (["replay"], "say which dead letters"),
        (["replay", "--all", "--reason", "StaleMessage"], "--all means every dead letter: leave it out, or"),
        (["replay", "--all", "7"], "--all means every dead letter: leave it out, or"),
        (["replay", "1", "--yes", "--dry-run"], "--dry-run and --yes contradict"),
        (["replay", "1", "--edit", "--body", "f"], "--body and --edit both"),
        (["replay", "1", "--override"], "--override needs --because"),
        (["replay", "1", "--operator", " "], "--operator is missing"),
        (["discard", "1"], "--because is missing"),
    ],
)
def test_what_is_asked_wrongly_is_refused_in_one_line(offboard: Offboard, arguments: list[str], says: str) -> None:
    result = offboard("dlq", *arguments)

    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [["show"], ["replay", "--yes"], ["discard", "--because", "x", "--yes"]], ids=str)
def test_a_dead_letter_that_is_not_there_ends_with_1(offboard: Offboard, arguments: list[str]) -> None:
    told, shown = offboard("dlq", *arguments, "nobody"), offboard("dlq", *arguments, "nobody", "--json")

    assert (told.exit_code, told.stdout, shown.exit_code) == (1, "", 1)
    assert told.stderr.startswith("no dead letter has the number or message id nobody: see offboard dlq list")
    assert json.loads(shown.stdout) == {"deadLetters": [], "error": told.stderr.strip()}


@pytest.mark.parametrize(
    ("editor", "says"),
    [
        ({}, "--edit opens an editor, and there is no terminal: give --body FILE, or set EDITOR"),
        ({"EDITOR": "no-such-editor -w"}, "EDITOR is no-such-editor -w, which is no command here: set EDITOR, or give"),
        ({"VISUAL": "'"}, "VISUAL is ', which is no command here: set VISUAL, or give --body FILE"),
    ],
    ids=["none, and no terminal", "one that is not there", "no words"],
)
def test_without_an_editor_nothing_is_opened(
    offboard: Offboard,
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    editor: dict[str, str],
    says: str,
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)

    result = offboard("dlq", "replay", "1", "--edit", settings=settings | editor)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(says)
    assert len(result.stderr.splitlines()) == 1


def test_a_name_that_means_two_is_refused(offboard: Offboard, bury: Bury, parts: LocalParts) -> None:
    bury("a-1")
    bury("a-2", {"device": {"serialNumber": "SN-1"}}, queue=DEVICE_RETIREMENT)
    (number,) = [each.sequence_number for each in parts.service_bus.snapshot(USER_OFFBOARDING).dead_lettered]
    bury(str(number), {"device": {"serialNumber": "SN-1"}}, queue=DEVICE_RETIREMENT)

    result = offboard("dlq", "replay", str(number), "--yes")

    assert result.exit_code == 2
    assert f"{number} is more than one dead letter" in result.stderr
    assert dead(parts) == ["a-1"]


def test_a_namespace_out_of_reach_ends_with_2(offboard: Offboard, settings: dict[str, str]) -> None:
    result = offboard("dlq", "list", settings=settings | {"ServiceBusConnection": UNREACHABLE})

    assert result.exit_code == 2
    assert "dead letters could not be looked at" in result.stderr
    assert "check ServiceBusConnection" in result.stderr
    assert "Z2VoZWlt" not in result.output
