"""The deployment package: what .funcignore leaves of the repository, as a zip that is the same for the same files.

Libraries are not in it: the platform installs requirements.txt when the package arrives.
`python -m infra.package [FILE]` writes it, by default to build/package.zip, and the bill of materials of what it needs beside it
(sbom.cdx.json); it tells how much both hold.
"""

import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pathspec

from infra import sbom

ROOT: Final = Path(__file__).parents[1]
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every entry, so that equal files make an equal zip."""


def contents(root: Path = ROOT) -> list[str]:
    """The files that are deployed, as paths from the root with slashes, in order."""
    lines = (root / ".funcignore").read_text(encoding="utf-8").splitlines()
    return sorted(_kept(root, pathspec.GitIgnoreSpec.from_lines(lines)))


def write(target: Path, root: Path = ROOT) -> int:
    """Write the package; its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name in contents(root):
            package.writestr(zipfile.ZipInfo(name, _LONG_AGO), (root / name).read_bytes(), zipfile.ZIP_DEFLATED)
    return target.stat().st_size


def _kept(root: Path, ignored: pathspec.GitIgnoreSpec) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if not ignored.match_file(f"{(here / name).as_posix()}/")]
        yield from (path.as_posix() for name in files if not ignored.match_file((path := here / name).as_posix()))


def main() -> None:
    """Write the package and its bill, and say what was written."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "package.zip"
    size = write(target)
    print(f"{target}: {len(contents())} files, {size / 1024:.0f} KiB")  # noqa: T201 - a command prints
    bill = target.with_name("sbom.cdx.json")
    print(f"{bill}: {sbom.write(bill)} libraries")  # noqa: T201


if __name__ == "__main__":
    main()
