"""What the layout promises: thin triggers, a map of the package, and the package being ours."""

import ast
import re
from pathlib import Path

import shared

ROOT = Path(__file__).parents[2]


def test_the_triggers_know_the_functions_library_and_the_start_only() -> None:
    text = (ROOT / "function_app.py").read_text(encoding="utf-8")
    imported: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported |= {f"{node.module}.{alias.name}" for alias in node.names}

    assert imported == {"azure.functions", "shared.start"}
    assert len(text.splitlines()) <= 60


def test_the_map_of_the_package_names_every_child_and_no_other() -> None:
    folder = Path(shared.__file__).parent
    children = {
        path.stem
        for path in folder.iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or (path.suffix == ".py" and path.stem != "__init__")
    }

    assert set(re.findall(r"^- (\w+):", shared.__doc__ or "", re.MULTILINE)) == children


def test_the_package_is_the_one_of_this_repository() -> None:
    assert Path(shared.__file__).resolve() == (ROOT / "shared" / "__init__.py").resolve()
