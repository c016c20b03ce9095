"""The messages that documents show are of the contract, and so are taken by the service as they stand."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from shared.messaging import contract
from tests import builders

ROOT = Path(__file__).parents[2]
EXAMPLES = [
    (page, json.loads(block))
    for page in ("README.md", "docs/messages.md")
    for block in re.findall(
        r"^```json[^\n]*\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
]


@pytest.mark.parametrize(("page", "body"), EXAMPLES, ids=[f"{page} {n}" for n, (page, _) in enumerate(EXAMPLES)])
def test_a_message_that_is_shown_is_taken(page: str, body: dict[str, Any]) -> None:
    event_type = "device.retired" if "device" in body.get("data", body) else "user.offboarded"

    event = contract.decode(builders.message(json.dumps(body).encode()), event_type)

    assert event.request.event_id == body.get("eventId", body.get("id"))


def test_each_kind_of_producer_has_its_example() -> None:
    assert len(EXAMPLES) >= 5
    assert any("specversion" in body for _, body in EXAMPLES)
    assert any("device" in body for _, body in EXAMPLES)
