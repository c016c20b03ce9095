"""`offboard dlq replay` and `discard`, on real queues with a real journal."""

import getpass
import json
import shlex
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, VERIFICATION, LocalParts
from shared.domain.acts import ActKind
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import LEAVER, MALFORMED, Bury, active, acts, dead


def test_the_chosen_are_sent_again_and_removed_and_the_others_stay(
    offboard: Offboard, bury: Bury, parts: LocalParts
) -> None:
    for name in ("r-1", "r-2", "r-3"):
        bury(name, reason="RetriesExhausted" if name == "r-2" else "GraphPermissionDenied")

    result = offboard("dlq", "replay", "--reason", "GraphPermissionDenied", "--yes", "--json")

    rows = json.loads(result.stdout)["deadLetters"]
    assert result.exit_code == 0
    assert [(row["messageId"], row["result"], row["replayId"]) for row in rows] == [
        ("r-1", "replayed", "r-1:r1"),
        ("r-3", "replayed", "r-3:r1"),
    ]
    assert [each.message_id for each in active(parts)] == ["r-1:r1", "r-3:r1"]
    assert dead(parts) == ["r-2"]


def test_without_yes_it_is_shown_and_nothing_is_done(
    offboard: Offboard, bury: Bury, parts: LocalParts, settings: dict[str, str]
) -> None:
    bury("d-1")
    bury("d-2", b"{", reason="InvalidMessage")

    result = offboard("dlq", "replay", "--queue", USER_OFFBOARDING)

    assert result.exit_code == 1  # one of them would be refused
    assert "would be replayed" in result.stdout
    assert "as replay" not in result.stdout, "which one it would be, the journal alone tells"
    assert "correct it with --edit or --body FILE" in result.stdout
    assert "nothing was done: give --yes to go ahead" in result.stdout
    assert (active(parts), dead(parts)) == ([], ["d-1", "d-2"])
    assert not Path(settings["JOURNAL_URL"].removeprefix("sqlite:///")).exists()


def test_a_replay_of_a_replay_counts_on(offboard: Offboard, bury: Bury, parts: LocalParts) -> None:
    bury("n-1:r2", replay=2, replayOf="n-1", firstEnqueuedAt="2026-10-01T00:00:00+00:00")

    assert offboard("dlq", "replay", "n-1:r2", "--yes").exit_code == 0

    (sent,) = active(parts)
    assert sent.message_id == "n-1:r3"
    assert sent.application_properties == {
        "replay": 3,
        "replayOf": "n-1",
        "firstEnqueuedAt": "2026-10-01T00:00:00+00:00",
    }


def test_who_replayed_and_why_is_on_record_of_the_event(
    offboard: Offboard, bury: Bury, settings: dict[str, str]
) -> None:
    bury("o-1", {**LEAVER, "eventId": "HR-9"})
    bury("o-2")

    offboard("dlq", "replay", "o-1", "--operator", "Grace Hopper", "--because", "role granted", "--yes")
    offboard("dlq", "replay", "o-2", "--yes")

    (act,) = acts(settings, "user.offboarded:HR-9")
    assert (act.kind, act.act_id, act.run) == (ActKind.REPLAY, "o-1:r1", 1)
    assert (act.operator, act.reason) == ("Grace Hopper", "role granted")
    assert acts(settings, "user.offboarded:o-2")[0].operator == getpass.getuser()


def test_an_override_is_a_row_of_the_journal_and_the_message_carries_its_id(
    offboard: Offboard, bury: Bury, parts: LocalParts, settings: dict[str, str]
) -> None:
    bury("g-1", reason="TooManyDevices")
    bury("g-2", reason="GraphPermissionDenied")

    result = offboard("dlq", "replay", "--all", "--override", "--because", "a person", "--operator", "Grace", "--yes")

    (sent,) = active(parts)
    (override,) = [act for act in acts(settings, "user.offboarded:g-1") if act.kind is ActKind.OVERRIDE]
    assert result.exit_code == 1
    assert "no guard refused it (GraphPermissionDenied)" in result.stdout
    assert sent.application_properties["override"] == override.act_id
    assert (override.run, override.operator, override.reason) == (1, "Grace", "a person")
    assert dead(parts) == ["g-2"]


def test_a_verification_begins_to_look_anew(
    offboard: Offboard, bury: Bury, parts: LocalParts, settings: dict[str, str]
) -> None:
    look = {"eventType": "user.offboarded", "eventId": "HR-5", "eventRun": 3, "verify": 4}
    name = "user.offboarded:HR-5:3:verify"
    bury(f"{name}:4", reason="UnassignmentNotConfirmed", queue=VERIFICATION, **look)

    assert offboard("dlq", "replay", "--queue", VERIFICATION, "--yes").exit_code == 0

    (sent,) = active(parts, VERIFICATION)
    assert (sent.message_id, json.loads(sent.body)) == (f"{name}:1:r1", LEAVER)
    assert (sent.application_properties["verify"], sent.application_properties["eventRun"]) == (1, 3)
    assert [act.run for act in acts(settings, "user.offboarded:HR-5")] == [3]


def test_a_corrected_body_from_a_file_is_sent_as_it_is(
    offboard: Offboard, bury: Bury, parts: LocalParts, tmp_path: Path
) -> None:
    bury("b-1", b'{"user": {"userPrincipleName": "a@x.example"}}', reason="InvalidMessage")
    file = tmp_path / "corrected.json"
    file.write_bytes(b'{ "eventId": "HR-21", "user": {"userPrincipalName": "a@x.example"} }\n')

    result = offboard("dlq", "replay", "b-1", "--body", str(file), "--yes")

    assert result.exit_code == 0
    assert [(each.message_id, each.body) for each in active(parts)] == [("b-1:r1", file.read_bytes())]
    assert result.stdout.endswith("1 replayed\noffboard status HR-21 tells what became of it\n")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (b'{"user": {"id": "x"}}', "is not a valid user.offboarded: $.user.id: "),
        (b"{", "is not a valid user.offboarded: $: must be JSON"),
        (None, "cannot be read"),
    ],
)
def test_a_correction_that_is_none_is_refused_before_anything_is_sent(
    offboard: Offboard, bury: Bury, parts: LocalParts, wrong: bytes | None, says: str
) -> None:
    bury(f"bad-{says}", b"{", reason="InvalidMessage")
    source = "-" if wrong is not None else "/no/such/file"

    result = offboard("dlq", "replay", "--all", "--body", source, "--yes", typed=wrong or b"")

    assert result.exit_code == 2
    assert says in result.stderr
    assert (len(active(parts)), len(dead(parts))) == (0, 1)


def test_a_correction_is_for_one_message(offboard: Offboard, bury: Bury, parts: LocalParts) -> None:
    bury("one-1")
    bury("one-2")

    result = offboard("dlq", "replay", "--all", "--body", "-", "--yes", typed=json.dumps(LEAVER))

    assert result.exit_code == 2
    assert "correct one dead letter, not 2" in result.stderr
    assert active(parts) == []


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def editor(folder: Path, *bodies: str) -> str:
    """A program that writes one body after the other over the file that it is given."""
    script = folder / "editor"
    script.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        f"left = pathlib.Path({str(folder / 'left')!r})\n"
        f"bodies = left.read_text().split(chr(0)) if left.exists() else {list(bodies)!r}\n"
        "pathlib.Path(sys.argv[1]).write_text(bodies.pop(0))\nleft.write_text(chr(0).join(bodies))\n",
        encoding="utf-8",
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


def test_a_body_is_corrected_in_the_editor_until_it_is_right(
    offboard: Offboard,
    bury: Bury,
    parts: LocalParts,
    settings: dict[str, str],
    temporary: Path,
) -> None:
    bury("e-1", MALFORMED, reason="InvalidMessage")
    settings = settings | {"EDITOR": editor(temporary, '{"user": 5}', json.dumps(LEAVER))}

    result = offboard("dlq", "replay", "e-1", "--edit", typed="y\ny\n", settings=settings)

    assert result.exit_code == 0
    assert "not a valid user.offboarded: $.user: " in result.stderr
    assert json.loads(active(parts)[0].body) == LEAVER
    assert not list(temporary.glob("offboard-corrected-*"))


def test_what_was_written_and_not_sent_is_kept_for_the_next_replay_which_removes_it(
    offboard: Offboard,
    bury: Bury,
    parts: LocalParts,
    settings: dict[str, str],
    temporary: Path,
) -> None:
    bury("k-1", MALFORMED, reason="InvalidMessage")
    settings = settings | {"EDITOR": editor(temporary, json.dumps(LEAVER))}

    refused = offboard("dlq", "replay", "k-1", "--edit", typed="n\n", settings=settings)
    (kept,) = temporary.glob("offboard-corrected-*")
    told = refused.stderr.partition("what you wrote is kept for: offboard ")[2].strip()
    mode = stat.S_IMODE(kept.stat().st_mode)
    replayed = offboard(*shlex.split(told), settings=settings)

    assert (refused.exit_code, replayed.exit_code) == (2, 0)
    assert mode == stat.S_IRUSR | stat.S_IWUSR
    assert json.loads(active(parts)[0].body) == LEAVER
    assert not kept.exists()


def test_a_body_about_somebody_else_is_shown_and_must_be_meant(
    offboard: Offboard, bury: Bury, parts: LocalParts, tmp_path: Path
) -> None:
    bury("w-1")
    file = tmp_path / "corrected.json"
    file.write_text('{"user": {"userPrincipalName": "bob@contoso.example"}}', encoding="utf-8")
    command = ("dlq", "replay", "w-1", "--body", str(file), "--json")

    refused, meant = offboard(*command, "--yes"), offboard(*command, "--other", "--yes")

    (first,), (second,) = (json.loads(each.stdout)["deadLetters"] for each in (refused, meant))
    assert [(each["result"], each["about"]) for each in (first, second)] == [
        (result, "anna@contoso.example, event w-1 -> bob@contoso.example, event w-1")
        for result in ("refused", "replayed")
    ]
    assert [each.message_id for each in active(parts)] == ["w-1:r1"]
    assert file.exists(), "it is the operator's own"


def test_other_goes_with_a_body(offboard: Offboard) -> None:
    assert "--other goes with a corrected body" in offboard("dlq", "replay", "--all", "--other").stderr


def test_a_discard_shows_whom_it_is_about(offboard: Offboard, bury: Bury) -> None:
    bury("a-1")

    shown = offboard("dlq", "discard", "a-1", "--because", "x")
    done = offboard("dlq", "discard", "a-1", "--because", "x", "--yes", "--json")

    assert "anna@contoso.example, event a-1" in shown.stdout
    assert json.loads(done.stdout)["deadLetters"][0]["about"] == "anna@contoso.example, event a-1"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["list", "--reason", "InvalidMesage"], "did you mean InvalidMessage?"),
        (["replay", "--reason", "protected-usr"], "did you mean ProtectedUser?"),
        (["list", "--queue", "user-ofboarding"], "did you mean user-offboarding?"),
        (["discard", "--queue", "nonsense", "--because", "x"], "give --queue user-offboarding, or device-retirement"),
    ],
)
def test_a_misspelt_reason_or_queue_is_asked_about(offboard: Offboard, arguments: list[str], says: str) -> None:
    result = offboard("dlq", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


def test_a_discarded_dead_letter_is_gone_and_on_record(
    offboard: Offboard, bury: Bury, parts: LocalParts, settings: dict[str, str]
) -> None:
    bury("t-1", {"device": {"serialNumber": "SN-1"}, "eventId": "IT-9"}, queue=DEVICE_RETIREMENT)
    bury("t-2", {"device": {"serialNumber": "SN-1"}}, queue=DEVICE_RETIREMENT)

    result = offboard("dlq", "discard", "t-1", "--because", "sent twice", "--operator", "Grace", "--yes")

    (act,) = acts(settings, "device.retired:IT-9")
    assert result.exit_code == 0
    assert (act.kind, act.run, act.operator, act.reason) == (ActKind.DISCARD, 0, "Grace", "sent twice")
    assert (active(parts, DEVICE_RETIREMENT), dead(parts, DEVICE_RETIREMENT)) == ([], ["t-2"])


@pytest.mark.parametrize("command", [("replay",), ("discard", "--because", "x")], ids=["replay", "discard"])
def test_without_a_journal_nothing_is_done(
    offboard: Offboard, bury: Bury, parts: LocalParts, no_journal: dict[str, str], command: tuple[str, ...]
) -> None:
    bury(f"u-{command[0]}")

    result = offboard("dlq", *command, "--all", "--yes", settings=no_journal)

    assert result.exit_code == 2
    assert "journal: " in result.stderr
    assert (active(parts), dead(parts)) == ([], [f"u-{command[0]}"])
