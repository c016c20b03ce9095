import json
from pathlib import Path

import pytest

from cli import parts, reference
from cli.demo import tenant
from shared import bootstrap
from shared.settings.fields import TABLE

ROOT = Path(__file__).parents[2]
NAMES = [setting.name for setting in TABLE.values()]


def test_the_readme_has_the_table_of_settings_as_the_code_declares_it() -> None:
    text = reference.readme().read_text(encoding="utf-8")

    assert reference.with_table(text) == text, "run `make docs`"


def test_a_changed_table_would_be_noticed() -> None:
    text = (
        reference.readme()
        .read_text(encoding="utf-8")
        .replace("`MAX_DELIVERY_COUNT` | `10`", "`MAX_DELIVERY_COUNT` | `5`")
    )

    assert reference.with_table(text) != text


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_says_what_it_is_and_has_a_usable_default(name: str) -> None:
    setting = next(each for each in TABLE.values() if each.name == name)

    assert setting.purpose
    assert setting.kind.form
    setting.kind.parse(setting.default or "")


def test_the_example_of_local_settings_starts_the_service() -> None:
    values = json.loads((ROOT / "local.settings.example.json").read_text(encoding="utf-8"))["Values"]

    settings = bootstrap.load_settings(values)

    assert settings.dry_run


def test_the_example_of_local_settings_names_no_unknown_setting() -> None:
    values = json.loads((ROOT / "local.settings.example.json").read_text(encoding="utf-8"))["Values"]

    assert set(values) - {"FUNCTIONS_WORKER_RUNTIME"} <= set(NAMES)


def test_the_emulated_parts_give_settings_that_start_the_service() -> None:
    with parts.LocalParts(tenant.build()) as local:
        environment = local.environment(Path("journal.sqlite3"))

    bootstrap.load_settings(environment)
