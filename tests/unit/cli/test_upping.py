"""Which settings of the environment `offboard up` passes on."""

from pathlib import Path

from cli import parts, upping
from shared.settings.fields import TABLE


def test_settings_that_lead_nowhere_are_passed_on_and_the_others_are_not() -> None:
    environment = {setting.name: "x" for setting in TABLE.values()} | {"HOME": "x", "DRY_RUN": " "}

    passed = upping.yours(environment)

    assert "PROTECTED_USERS" in passed
    assert "VERIFY_AFTER" in passed
    assert "DRY_RUN" not in passed, "an empty one counts as absent"
    assert "HOME" not in passed
    assert not passed.keys() & parts.LEADING


def test_what_the_parts_set_is_never_passed_on() -> None:
    leading = {name for name in parts.LEADING if name in {setting.name for setting in TABLE.values()}}

    assert leading == parts.LEADING, "a name that is none would protect nobody"


def test_the_journal_is_there_before_anything_is_on_record(tmp_path: Path) -> None:
    upping.make(tmp_path / "journal.sqlite3")

    assert (tmp_path / "journal.sqlite3").exists()
