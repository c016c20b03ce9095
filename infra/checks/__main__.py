"""`python -m infra.checks`: every check of the infrastructure, a line for each problem.

Exit 0: no problem; 1: some; 2: a checker is missing.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from infra.checks import (
    alerts,
    azure_names,
    checkov,
    choices,
    entities,
    hardening,
    parameters,
    queries,
    references,
    resource_ids,
    resource_types,
    roles,
    settings,
    wiring,
)

INFRA: Final = Path(__file__).parents[1]
ROLES_PAGE: Final = INFRA.parent / "docs" / "deploy.md"

CHECKS: Final[dict[str, Callable[[Path], list[str]]]] = {
    "syntax, parameters and their descriptions": parameters.check,
    "what can be chosen": choices.check,
    "names and modules": references.check,
    "resource types": resource_types.check,
    "names in Azure": azure_names.check,
    "where ids come from": resource_ids.check,
    "identities and addresses": wiring.check,
    "hardening": hardening.check,
    "app settings": settings.check,
    "queues and the topic": entities.check,
    "roles": lambda root: roles.check(root, ROLES_PAGE),
    "alerts": alerts.check,
    "what queries ask for": queries.check_names,
    "language of queries": queries.check_language,
    "checkov": checkov.check,
}


def main(root: Path = INFRA, checks: Mapping[str, Callable[[Path], list[str]]] = CHECKS) -> int:
    """Run every check on a folder, and print what it found; the exit code."""
    status = 0
    for name, check in checks.items():
        try:
            problems = check(root)
        except (queries.Unavailable, checkov.Unavailable) as missing:
            print(f"{name}: not checked: {missing}", file=sys.stderr)  # noqa: T201 - a command prints
            status = 2
            continue
        print(f"{name}: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'}")  # noqa: T201
        for problem in problems:
            print(f"  {problem}")  # noqa: T201
        status = status or bool(problems)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
