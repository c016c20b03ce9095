"""The deployment package: what is in it, and that it starts by itself; test_the_package in tests/e2e sees it at work."""

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra import package
from tests import deployed
from tests.consistency.test_bindings_and_queues import ENVIRONMENT

ROOT = Path(__file__).parents[2]
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")
START = "import sys, shared, function_app; print(shared.__file__, len(function_app.app.get_functions()))"


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    package.write(tmp_path / "package.zip")
    return zipfile.ZipFile(tmp_path / "package.zip").namelist()


def test_the_package_holds_the_application_and_nothing_else(names: list[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"function_app.py", "host.json", "requirements.txt", "shared"}
    assert not [name for name in names if not name.endswith((".py", ".json", ".txt", ".yaml"))]


def test_the_package_holds_every_module_of_the_application(names: list[str]) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "shared").rglob("*.py")}

    assert modules <= set(names)


def test_the_package_starts_by_itself(tmp_path: Path) -> None:
    package.write(tmp_path / "package.zip")
    zipfile.ZipFile(tmp_path / "package.zip").extractall(tmp_path / "app")

    started = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'app')!r}); {START}"],
        cwd=tmp_path,
        env={"PATH": "", "VERIFICATION_QUEUE": "unassignment-verification", **ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )

    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith(str(tmp_path / "app"))


@pytest.mark.parametrize("path", sorted((ROOT / "shared").rglob("*.py")), ids=lambda path: path.stem)
def test_a_module_imports_only_what_is_deployed_however_late(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    named += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]

    foreign = {name.partition(".")[0] for name in named} - sys.stdlib_module_names - {"shared"}
    assert foreign <= deployed.libraries(REQUIREMENTS)


def test_what_is_not_deployed_is_told_from_what_is() -> None:
    libraries = deployed.libraries(REQUIREMENTS)

    assert {"azure", "msgraph", "httpx", "yaml", "opentelemetry"} <= libraries
    assert libraries & {"rich", "typer", "pytest", "proton", "starlette", "hypothesis"} == set()


def test_equal_files_make_an_equal_package_and_a_small_one(tmp_path: Path) -> None:
    sizes = [package.write(tmp_path / name) for name in ("one.zip", "two.zip")]

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert sizes[0] < 500_000


@pytest.mark.parametrize("folder", ["autopilot-offboarding_env", "venv", "env", ".venv", "build", ".azure"])
def test_what_tools_leave_in_a_clone_is_not_deployed(tmp_path: Path, folder: str) -> None:
    (tmp_path / ".funcignore").write_text((ROOT / ".funcignore").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / folder / "lib").mkdir(parents=True)
    (tmp_path / folder / "lib" / "module.py").write_text("", encoding="utf-8")
    (tmp_path / "function_app.py").write_text("", encoding="utf-8")

    assert package.contents(tmp_path) == ["function_app.py"]


def test_a_file_that_nobody_ignored_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / ".funcignore").write_text(".*\n", encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_secret.py").write_text("", encoding="utf-8")

    assert package.contents(tmp_path) == ["tests/test_secret.py"]
