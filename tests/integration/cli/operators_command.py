"""`offboard` where nothing is installed but what the page about deploying says an operator needs."""

import re
import sys
from pathlib import Path
from typing import Final

from tests import deployed

ROOT: Final = Path(__file__).parents[3]
_INSTALLED: Final = re.compile(r"pip install -c requirements\.lock \. ([\w ]+?) *(?:#|$)", re.MULTILINE)


def beside_the_service() -> list[str]:
    """The packages that the page names, besides the service itself."""
    found = _INSTALLED.search((ROOT / "docs" / "deploy.md").read_text(encoding="utf-8"))
    return found[1].split() if found else []


def main() -> None:
    """Run the command with the arguments of this process."""
    named = "\n".join([(ROOT / "requirements.txt").read_text(encoding="utf-8"), *beside_the_service()])
    sys.meta_path.insert(0, deployed.NothingElse(deployed.libraries(named) | {"cli", "shared"}))

    from cli.__main__ import run

    run()


if __name__ == "__main__":
    main()
