"""Whom or what a body that is no event seems to be about, by its text: for the operator's eyes, never for acting on. Pure."""

import re
from typing import Final

from cli import wording
from shared.messaging.dead_lettered import DeadLettered

_PAIR: Final = re.compile(r"([A-Za-z][\w-]{0,60})[\"']?\s{0,20}[:=]\s{0,20}[\"']?([^\s\"',;{}\[\]<>]{1,200})")
_NAME: Final = re.compile(r"[^@]+@[^@]+\.[^@]+")
_AT_MOST: Final = 10_000
"""Characters that are looked through."""


def about(letter: DeadLettered) -> str:
    """The first user principal name that is a key's value, but who asked; else the first serial number. Empty if there is none."""
    text = wording.readable(letter.message.body)[:_AT_MOST]
    pairs = [(key.casefold(), value) for key, value in _PAIR.findall(text)]
    users = (value for key, value in pairs if _NAME.fullmatch(value) and not key.startswith("requested"))
    devices = (value for key, value in pairs if "serial" in key)
    return next(users, "") or next(devices, "")
