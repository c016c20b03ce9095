"""Previews as JSON, and a journal that they may look into."""

import json
from pathlib import Path
from typing import Any

from cli.demo.tenant import user
from cli.parts import LocalParts
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.recorded import before, unassigned, write

ADELE = user("adele.vance")


def a_journal(folder: Path, parts: LocalParts) -> Path:
    """One in which there is something."""
    path = folder / "journal.sqlite3"
    write(path, *unassigned(before(parts.graph.tenant, "megan's laptop")))
    return path


def shown(offboard: Offboard, *arguments: str, **settings: Any) -> tuple[int, dict[str, Any]]:
    result = offboard("preview", *arguments, "--json", **settings)
    return result.exit_code, json.loads(result.stdout)
