"""docs/security.md: what holds a claim exists, and settings have their names."""

import re
from pathlib import Path

from shared.settings.fields import TABLE

ROOT = Path(__file__).parents[2]
QUOTED = set(re.findall(r"`([^`\n]+)`", (ROOT / "docs/security.md").read_text(encoding="utf-8")))


def test_every_file_that_holds_a_claim_exists() -> None:
    paths = {each for each in QUOTED if each.partition("/")[0] in {"shared", "tests", "infra", "docs", "cli"}}

    assert len(paths) > 30
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_setting_that_bounds_something_is_one() -> None:
    names = {each for each in QUOTED if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", each)}

    assert len(names) > 10
    assert names - {setting.name for setting in TABLE.values()} == set()
