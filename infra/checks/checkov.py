"""checkov's policies on the Bicep files; infra/checkov.yaml has those that are skipped, with the reasons.

checkov leaves out a file that its parser does not take, and says so only in a count: here that is a problem. The lines that it
knows nothing of (`extension`, `import`, `@export()`) are comments in the copy that it gets, and the function `cidrSubnet` is an
address.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from infra.checks import bicep

BINARY: Final = Path(sys.prefix) / "tools" / "checkov" / "bin" / "checkov"
_UNKNOWN: Final = re.compile(r"^(?=(extension|import|@export)\b)", re.MULTILINE)
_SUBNET: Final = re.compile(r"\bcidrSubnet\([^()]*\)")


class Unavailable(Exception):
    """checkov is not installed; the text says what installs it."""


def check(root: Path) -> list[str]:
    """Every policy that the Bicep files of a folder break. Raises Unavailable."""
    if not BINARY.exists():
        raise Unavailable("checkov is missing: `make infra-check` installs it")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "infra"
        for path in bicep.files(root):
            target = copy / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            source = _SUBNET.sub("'10.0.0.0/26'", _UNKNOWN.sub("// ", path.read_text(encoding="utf-8")))
            target.write_text(source, encoding="utf-8")
        for path in root.rglob("*.json"):
            if path.parent in {root, root / "modules"}:
                shutil.copy(path, copy / path.relative_to(root))
        command = [
            str(BINARY),
            "--directory",
            str(copy),
            "--config-file",
            str(root / "checkov.yaml"),
            "--output",
            "json",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)  # noqa: S603 - ours
    return list(_problems(done.stdout, done.stderr))


def _problems(output: str, errors: str) -> Iterator[str]:
    try:
        report: dict[str, Any] = json.loads(output)
        summary, results = report["summary"], report["results"]
    except (ValueError, KeyError, TypeError):
        yield f"checkov said nothing that can be read: {(output + errors).strip()[-300:]}"
        return
    if not summary["passed"]:
        yield "checkov looked at nothing"
    if summary["parsing_errors"]:
        yield f"checkov can't parse {summary['parsing_errors']} of the files, and left them out"
    for each in results.get("failed_checks", []):
        yield f"{each['file_path']}:{each['file_line_range'][0]} {each['check_id']}: {each['check_name']}"
