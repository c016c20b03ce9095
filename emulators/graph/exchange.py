"""How one request runs its course under its faults: waiting, handling, spoiling the answer. Knows no transport."""

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from emulators.graph import messages
from emulators.graph.faults import Afterwards, Delay, Effect, Garble, Hang, NextLink, Reassign, Reset, Status
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.tenant import Tenant

Gone = Callable[[], Awaitable[bool]]
"""Asks whether the caller has closed the connection."""
Handler = Callable[[GraphRequest], Awaitable[Answer]]
DROPPED: Final = Answer(status=0, reset=True)
_POLL_SECONDS: Final = 0.005


async def run(
    request: GraphRequest,
    effects: Sequence[Effect],
    handle: Handler,
    *,
    tenant: Tenant,
    gone: Gone,
) -> Answer:
    """Handle the request, with these effects; it is handled once, or not at all."""
    for effect in effects:
        if isinstance(effect, Delay | Hang) and not await _waited(effect, gone, after_handling=False):
            return DROPPED
    if Reset(after_handling=False) in effects:
        return DROPPED
    scripted = next((effect for effect in effects if isinstance(effect, Status)), None)
    answer = await handle(request) if scripted is None else _scripted(scripted)
    for effect in effects:
        answer = _spoiled(effect, answer, request)
    for effect in effects:
        _happen(effect, tenant)
    for effect in effects:
        if isinstance(effect, Hang) and not await _waited(effect, gone, after_handling=True):
            return dataclasses.replace(answer, reset=True)
    return dataclasses.replace(answer, reset=answer.reset or Reset(after_handling=True) in effects)


async def _waited(effect: Delay | Hang, gone: Gone, *, after_handling: bool) -> bool:
    """Wait as the effect says, if it is for now; False if the caller didn't."""
    if isinstance(effect, Hang) and effect.after_handling is not after_handling:
        return True
    started = time.monotonic()
    while not await gone():
        over = effect.released.is_set() if isinstance(effect, Hang) else time.monotonic() - started >= effect.seconds
        await asyncio.sleep(_POLL_SECONDS)  # even if it is over: who hung up before that shall be seen to have gone
        if over:
            return not await gone()
    return False


def _scripted(effect: Status) -> Answer:
    if effect.body is None and effect.status >= 400:
        return messages.error(effect.status, "a scripted fault", headers=effect.headers)
    return Answer(status=effect.status, body=effect.body, headers=effect.headers)


def _spoiled(effect: Effect, answer: Answer, request: GraphRequest) -> Answer:
    match effect:
        case Garble(to="html"):
            page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
            return dataclasses.replace(answer, raw=page, headers={**answer.headers, "Content-Type": "text/html"})
        case Garble(to="truncated"):
            text = answer.text()
            return dataclasses.replace(answer, raw=text[: len(text) // 2])
        case Garble(to="list"):
            return dataclasses.replace(answer, body=[answer.body])
        case NextLink() if isinstance(answer.body, dict) and "value" in answer.body:
            return _astray(effect, answer, request)
        case _:
            return answer


def _astray(effect: NextLink, answer: Answer, request: GraphRequest) -> Answer:
    link = request.url()
    if effect.to == "endless":
        link = request.url({"round": str(int(request.query.get("round", "0")) + 1)})
    elif effect.to == "foreign":
        link = effect.host + link.removeprefix(request.root)
    changed = {**answer.body, "@odata.nextLink": link}
    if effect.empty:
        changed["value"] = []
    return dataclasses.replace(answer, body=changed)


def _happen(effect: Effect, tenant: Tenant) -> None:
    match effect:
        case Reassign(device_id, user_principal_name):
            tenant.assign_user(device_id, user_principal_name)
        case Afterwards(action):
            action(tenant)
        case _:
            pass
