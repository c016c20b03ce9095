"""What all expressions together may cost: explained as the service counts it."""

import json
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Offboard

COSTLY = "[" + ", ".join(["items[?id == 'x']"] * 7) + "] | [0][0]"
"""More than half of what one message may take."""
RULES = {
    "costly": {
        "name": "costly",
        "event": "user.offboarded",
        "match": {"when": COSTLY},
        "fields": {"user.userPrincipalName": "mail"},
    },
    "ours": {
        "name": "ours",
        "event": "user.offboarded",
        "match": {"when": "mail"},
        "fields": {"user.userPrincipalName": "mail", "ticket": COSTLY},
    },
}
BODY = json.dumps({"mail": "a@x.example", "items": [{"id": str(number)} for number in range(8000)]})


@pytest.mark.parametrize(
    ("order", "code", "problem"),
    [(["costly", "ours"], 1, True), (["ours", "costly", "costly"], 0, False)],
    ids=["what was tried before counts", "what the service does not try counts not"],
)
def test_a_field_that_the_message_has_no_steps_left_for_is_explained(
    offboard: Offboard, tmp_path: Path, order: list[str], code: int, problem: bool
) -> None:
    rules = [{**RULES[name], "name": f"{name}-{number}"} for number, name in enumerate(order)]
    file = tmp_path / "rules.yaml"
    file.write_text(json.dumps({"rules": rules}), encoding="utf-8")

    result = offboard("map", "--explain", "--json", "--mapping", str(file), "-", typed=BODY)

    told = json.loads(result.stdout)
    (ticket,) = [row for row in told["fields"] if row["field"] == "ticket"]
    assert result.exit_code == code, told["error"]
    assert ("too many steps" in str(ticket["problem"])) is problem
    assert ("too many steps" in str(told["error"])) is problem
