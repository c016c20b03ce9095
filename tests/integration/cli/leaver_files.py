"""CSV files of leavers, and which of them have arrived."""

import json
from collections.abc import Sequence
from pathlib import Path

from cli.parts import USER_OFFBOARDING, LocalParts

HEADER = "Name;Work Email;Last day\r\n"
COLUMNS = ["--column", "userPrincipalName=Work Email"]


def leavers(domain: str, numbers: Sequence[int]) -> list[str]:
    return [f'"Leaver, {number}";leaver{number}@{domain};2026-11-30\r\n' for number in numbers]


def write(path: Path, rows: Sequence[str], header: str = HEADER) -> str:
    path.write_text("".join([header, *rows]), encoding="utf-8-sig", newline="")
    return str(path)


def arrived(parts: LocalParts, domain: str, queue: str = USER_OFFBOARDING) -> list[str]:
    bodies = [json.loads(each.body) for each in parts.service_bus.snapshot(queue).active]
    names = [body["user"]["userPrincipalName"] for body in bodies if "user" in body]
    return [name for name in names if name.endswith(f"@{domain}")]
