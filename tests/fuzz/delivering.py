"""Whole messages before a Graph that lies: the real processor with the real Graph adapters, each message settled for good.

The answer says which message meets it, so that it is an answer to what is asked: completed, dead-lettered, or a copy waits.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from tests import builders
from tests.fuzz import handling, kept
from tests.fuzz.asking import ASKED, NAME_OF_ALL, SERIAL, USER, Asking
from tests.fuzz.handling import Handled
from tests.scene import Scene

_CODE: Final = re.compile(rb'("code"\s*:\s*"[\w.-]*?|\brequest-id:[\w \t-]*?)' + kept.SECRET.encode(), re.IGNORECASE)
"""What Graph calls an error, and its id, are logged if they look like that (docs/security.md): here they name nobody."""

_LEAVER: Final = {"user": {"userPrincipalName": NAME_OF_ALL}}
_BY_ID: Final = {"user": {"id": USER}}
_RETIRED: Final = {"device": {"autopilotDeviceId": ASKED}}
_BY_SERIAL: Final = {"device": {"serialNumber": SERIAL}}
_BODIES: Final[Mapping[str, Any]] = {
    "page": _LEAVER,
    "user": _BY_ID,
    "deleted-user": _BY_ID,
    "name": {"user": {"id": USER, "userPrincipalName": NAME_OF_ALL}},
    "serial": _BY_SERIAL,
}


async def deliver(asking: Asking, data: bytes) -> Handled:
    """Deliver one message while Graph answers like this. Raises AssertionError, or whatever escaped."""
    data = _CODE.sub(rb"\1x", data)
    words, _, _ = kept.answer_parts(data)
    body = next((_BODIES[word] for word in words if word in _BODIES), _RETIRED)
    scene = Scene()
    scene.clock = asking.clock
    scene.tenant = replace(scene.tenant, devices=asking.devices, users=asking.users)
    processor = scene.another_process()
    trigger = builders.Trigger(body=json.dumps(body).encode(), enqueued_time_utc=asking.clock.now())
    handle = processor.user_offboarding if "user" in body else processor.device_retirement
    begun = time.process_time()
    with asking.at_home(data):
        await handle(trigger)
    return Handled(handling.end(scene), time.process_time() - begun)
