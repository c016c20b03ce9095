"""`python -m cli.reference`: writes the README's table of settings from the settings themselves."""

from pathlib import Path
from typing import Final

from cli import hosting
from shared.settings.fields import REQUIRED, TABLE, Setting

BEGIN: Final = "<!-- settings: held equal to shared/settings/fields.py by a test -->"
END: Final = "<!-- end of settings -->"


def table() -> str:
    """The settings as a Markdown table, in the order of their declaration."""
    rows = [
        "| Setting | Default | Form | What it is |",
        "|---|---|---|---|",
        *(_row(setting) for setting in TABLE.values()),
    ]
    return "\n".join(rows)


def with_table(text: str) -> str:
    """A document with the table between its two markers brought up to date."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def _row(setting: Setting) -> str:
    default = "**required**" if setting.default is REQUIRED else f"`{setting.default}`" if setting.default else ""
    return f"| `{setting.name}` | {default} | {setting.kind.form} | {setting.purpose} |"


def readme() -> Path:
    """The README of this repository."""
    return hosting.app_directory() / "README.md"


if __name__ == "__main__":
    readme().write_text(with_table(readme().read_text(encoding="utf-8")), encoding="utf-8")
