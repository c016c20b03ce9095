"""Writes `docs/schemas/` from the models: `python -m cli.schemas`. A test holds the files equal to them.

Knows file names; the schemas themselves are the contract's and the outcome event's.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from shared.messaging import contract, outcome

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
DIRECTORY: Final = Path(__file__).parents[1] / "docs" / "schemas"


def documents() -> Mapping[str, str]:
    """File name to JSON text, for each published schema."""
    schemas = {**contract.schemas(), "outcome": outcome.schema()}
    return {
        f"{name}.schema.json": json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


def write(directory: Path) -> None:
    """Write every schema into a directory, which is made if need be."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (directory / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(DIRECTORY)
