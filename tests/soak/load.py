"""The messages of a soak, wave after wave: each about a device that was assigned anew before. Knows no model but the tenant."""

import json
from collections.abc import Iterator
from typing import Any, Final

from tests import builders
from tests.soak.service import Service

AT_ONCE: Final = 1_000
"""The messages of a wave; each is about a device of its own."""
_KINDS: Final = 10


def send(service: Service, wave: int) -> int:
    """Assign all devices to new users, and send a wave of messages about them; how many."""
    sent = 0
    for number, device in enumerate(service.graph.ids):
        user = f"leaver{wave}.{number}@contoso.example"
        service.graph.tenant.assign_user(device, user)
        for queue, message_id, body in _messages(f"w{wave}-{number}", number, device, user):
            service.bus.send(queue, message_id, body)
            sent += 1
    return sent


def _messages(name: str, number: int, device: str, user: str) -> Iterator[tuple[str, str, bytes]]:
    """Mostly leavers; of ten devices one is retired, one in a dry run, one in a body that cannot be read, one left out for one
    whose message comes twice.
    """
    leaver = {"user": {"userPrincipalName": user}, "eventId": name, "requestedBy": "hr", "ticket": name}
    match number % _KINDS:
        case 0:
            yield builders.RETIREMENT, name, _text({"device": {"autopilotDeviceId": device}, "eventId": name})
        case 1:
            yield builders.OFFBOARDING, name, _text({**leaver, "dryRun": True})
        case 2:
            yield builders.OFFBOARDING, name, _text(leaver)[:-1]
        case 3:
            yield builders.OFFBOARDING, name, _text(leaver)
            yield builders.OFFBOARDING, f"{name}-again", _text(leaver)
        case 4:
            yield from ()
        case _:
            yield builders.OFFBOARDING, name, _text(leaver)


def _text(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode()
