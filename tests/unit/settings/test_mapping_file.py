from pathlib import Path

import pytest

from shared import bootstrap, mapping_file
from shared.messaging.mapping.decoding import Decoder
from shared.messaging.mapping.reading import WrongMapping
from shared.settings.reading import SettingsError
from tests.integration.wiring.wired import LOCAL

GOOD = """
rules:
  - name: r
    event: user.offboarded
    match: {type: left}
    fields: {user.userPrincipalName: mail}
"""


def problems(tmp_path: Path, content: str | bytes) -> list[str]:
    path = tmp_path / "hr.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WrongMapping) as error:
        mapping_file.read(path)
    return list(error.value.args)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with a byte order mark"])
def test_a_file_is_read(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "hr.yaml"
    path.write_bytes(mark + GOOD.replace("\n", "\r\n").encode())

    assert [rule.name for rule in mapping_file.read(path)] == ["r"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"rules: \xff", "hr.yaml: must be UTF-8"),
        ("rules: [", "hr.yaml: is not YAML: it breaks at line 1, column 9"),
        ("rules:\n\t- a", "hr.yaml: is not YAML: it breaks at line 2, column 1"),
        ("rules: \x00", "hr.yaml: is not YAML: it has a character that YAML does not allow"),
        ("rules: 2026-13-45", "hr.yaml: has a value that YAML cannot read"),
        ("a: !!python/object/apply:os.system [echo]", "hr.yaml: is not YAML: it breaks at line 1, column 4"),
        ("[" * 5000, "hr.yaml: is nested too deep"),
        ("&a [*a]", "hr.yaml: must hold one key, rules"),
        ("", "hr.yaml: must hold one key, rules"),
        (GOOD + " " * 256 * 1024, "hr.yaml has more than 262144 bytes"),
        (GOOD.replace("{type: left}", "{when: 2026-11-30}"), "hr.yaml: rules[0] (r).match.when must be an expression"),
        (GOOD + "    event: device.retired\n", "hr.yaml: line 7 gives event a second time"),
        (GOOD.replace("left}", "left, type: other}"), "hr.yaml: line 5 gives type a second time"),
    ],
    ids=[
        "not UTF-8",
        "broken",
        "a tab",
        "a NUL",
        "no date",
        "an object of Python's",
        "deep",
        "in itself",
        "empty",
        "large",
        "a date",
        "a key twice",
        "a key twice within",
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: str | bytes, says: str) -> None:
    assert problems(tmp_path, content)[0].startswith(says)


def test_every_key_that_is_given_twice_is_named(tmp_path: Path) -> None:
    assert len(problems(tmp_path, GOOD + "    event: device.retired\n    event: user.offboarded\nrules: []\n")) == 3


def test_a_relative_path_starts_at_the_folder_that_is_deployed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert isinstance(mapping_file.decoder("shared/mappings/bamboohr.yaml"), Decoder)
    assert mapping_file.locate(str(tmp_path / "mine.yaml")) == tmp_path / "mine.yaml"


def test_no_file_is_no_mapping() -> None:
    assert mapping_file.decoder("") is None


def test_a_bad_file_stops_the_start_with_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "hr.yaml"
    path.write_text("rules:\n  - {name: a}\n  - {event: b, name: b}\n", encoding="utf-8")

    with pytest.raises(SettingsError) as error:
        bootstrap.load_settings({**LOCAL, "MAPPING_FILE": str(path), "MAX_DELIVERY_COUNT": "0"})

    assert error.value.problems == [
        "MAX_DELIVERY_COUNT is not a number within the bounds: give a number from 1 to 2000",
        "MAPPING_FILE is not usable: hr.yaml: rules[0] (a).event must be one of user.offboarded, device.retired",
        "MAPPING_FILE is not usable: hr.yaml: rules[1] (b).event must be one of user.offboarded, device.retired",
    ]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"MAPPING_FILE is not usable: .*nowhere\.yaml cannot be read: No such file"
    ):
        bootstrap.load_settings({**LOCAL, "MAPPING_FILE": str(tmp_path / "nowhere.yaml")})
