"""What is claimed of any answer of Graph's, read without a network: it is a value that can be written down, or one of our errors.

No text of ours quotes it, and no link in it leads to another host: that is asked of httpx, which would send the request.
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import timedelta
from typing import Any, Final

import httpx

from shared.domain.device import AutopilotDevice
from shared.domain.errors import GraphUnavailable, UnassignmentError
from shared.graph import batch, clouds, errors, paging, reading, retry_after
from shared.graph.response import Response
from tests.fakes import NOW
from tests.fuzz import kept

HOME: Final = clouds.GLOBAL
_LONGEST: Final = 400
_ITEMS: Final = 20
_FACTS: Final = re.compile(
    r"(a batch was refused: )?graph answered \d{3}(, [A-Za-z][\w.-]{0,63})?"
    r"(, request [\dA-Za-z-]{1,64})?(, activity [\da-fA-F-]{36})?",
    re.ASCII,
)
"""What support can use of an answer, and what somebody's name would not fit: the code, and the ids."""


def read(data: bytes) -> tuple[str, Response]:
    """What was asked for, and the answer."""
    words, lines, body = kept.answer_parts(data)
    kind = next((word for word in words if word in KINDS), "page")
    status = next((int(word) for word in words if word.isascii() and word.isdigit() and len(word) == 3), 200)
    named = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in named}
    return kind, Response(status, headers, at(body, HOME.root, "https://attacker.example"))


def at(body: bytes, home: str, elsewhere: str) -> bytes:
    """The body with the two hosts that its links may lead to."""
    return body.replace(b"{home}", home.encode()).replace(b"{elsewhere}", elsewhere.encode())


def check(data: bytes) -> str:
    """Read it, and see that the claims hold: `value` or `refused`. Raises AssertionError, or whatever escaped."""
    kind, answer = read(data)
    try:
        KINDS[kind](answer)
    except UnassignmentError as error:
        refused(error)
        return "refused"
    return "value"


def refused(error: UnassignmentError) -> None:
    """An error may say what kind it is, and how long to wait at most."""
    assert kept.SECRET not in str(error) or _FACTS.fullmatch(str(error)), "the text quotes the answer"
    assert len(str(error)) <= _LONGEST, "the text is too long"
    wait = getattr(error, "retry_after", None)
    assert wait is None or timedelta(0) <= wait <= retry_after.LONGEST, "a wait without end"


def writable(*values: object) -> None:
    """The journal, the topic and a URL must be able to hold what was read."""
    for value in values:
        if isinstance(value, str):
            value.encode()


def _page(answer: Response) -> None:
    errors.raise_for(answer, now=NOW)
    followed: list[str] = []

    async def page(link: str | None) -> Mapping[str, Any]:
        if link is None:
            return answer.json()
        followed.append(link)
        raise GraphUnavailable("there is one page")

    try:
        found = asyncio.run(_driven(paging.collect(page, HOME)))
    finally:
        for link in followed:
            _leads_home(link)
    for device in found:
        _device_holds(device)


async def _driven(collected: Any) -> Any:
    return await collected


def _leads_home(link: str) -> None:
    try:
        url = httpx.URL(link)
    except httpx.InvalidURL:
        return  # which is never sent
    assert (url.scheme, url.host, url.port, url.userinfo) == ("https", HOME.host, None, b""), "a link to another host"


def _device(answer: Response) -> None:
    if errors.found(answer, now=NOW):
        _device_holds(reading.device(answer.json()))


def _device_holds(device: AutopilotDevice) -> None:
    assert device.autopilot_device_id, "a record without an id"
    writable(*astuple(device))


def _user(answer: Response) -> None:
    if errors.found(answer, now=NOW) and (user := reading.user(answer.json())) is not None:
        writable(*astuple(user))


def _deleted_user(answer: Response) -> None:
    if errors.found(answer, now=NOW) and (user := reading.deleted_user(answer.json())) is not None:
        writable(*astuple(user))


def _batch(answer: Response) -> None:
    errors.raise_for(answer, now=NOW)
    answers = batch.answers(answer, _ITEMS)
    assert len(answers) == _ITEMS, "an item without an answer"
    for each in answers:
        if isinstance(each, GraphUnavailable):
            refused(each)
            continue
        try:
            _device(each)
        except UnassignmentError as error:
            refused(error)


def _action(answer: Response) -> None:
    errors.raise_for(answer, now=NOW)


KINDS: Final[Mapping[str, Callable[[Response], None]]] = {
    "page": _page,
    "device": _device,
    "batch": _batch,
    "user": _user,
    "deleted-user": _deleted_user,
    "action": _action,
}
