"""A message of another shape, rules for it, and what comes of them."""

from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging.mapping import reading
from shared.messaging.mapping.decoding import Decoder
from tests import builders

LEFT, RETIRED = events.UserOffboarded.TYPE, events.DeviceRetired.TYPE
FIELDS = {"user.userPrincipalName": "employee.mail", "effectiveAt": "until"}
FOREIGN = {"kind": "bye", "employee": {"mail": "anna@contoso.com"}}


def rule(name: str = "leaver", event: str = LEFT, **changes: Any) -> dict[str, Any]:
    return {"name": name, "event": event, "match": {"when": "kind == 'bye'"}, "fields": FIELDS, **changes}


def decode(body: Any, *rules: dict[str, Any], event_type: str = LEFT, **fields: Any) -> events.Event:
    decoder = Decoder(reading.rules({"rules": list(rules) or [rule()]}))
    return decoder(builders.message(body, **fields), event_type)


def refused(body: Any, *rules: dict[str, Any], **fields: Any) -> str:
    with pytest.raises(InvalidMessage) as error:
        decode(body, *rules, **fields)
    return str(error.value)
