"""The mapping file that a document shows."""

import re
from pathlib import Path

from tests.integration.cli.conftest import Offboard

ROOT = Path(__file__).parents[3]


def test_the_mapping_file_of_the_document_is_one(offboard: Offboard, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    mapping = tmp_path / "contoso.yaml"
    mapping.write_text(example, encoding="utf-8")
    body = '{"type": "com.contoso.hr.left", "employee": {"status": "left", "mail": "a@x.example", "lastDay": "2026-11-30"}}'

    result = offboard("map", "--mapping", str(mapping), "--property", "origin=hr", "-", typed=body)

    assert result.exit_code == 0
    assert '"effectiveAt": "2026-12-01T00:00:00+01:00"' in result.stdout
