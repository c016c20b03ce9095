"""Hostile variants of kept inputs, the same for the same seed. Blind: it sees nothing of the code; atheris does (guided.py)."""

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

WORDS: Final = tuple(
    word.encode("utf-8", "surrogatepass")
    for word in (
        "NaN",
        "-Infinity",
        "1e999",
        "-0",
        "9" * 30,
        "9" * 5_000,
        "1e-999",
        "null",
        "true",
        "[]",
        "{}",
        '""',
        '"geheim@contoso.example"',
        '"geheim"',
        r'"\ud800"',
        r'"\udfff geheim"',
        r'"\u0000"',
        r'"\u202e"',
        '"\ufeff"',
        '"../../users"',
        '"%2e%2e%2f"',
        '"a/b?c=d#e"',
        '"\' or 1 eq 1"',
        '"geheim\\r\\nHost: attacker.example"',
        "[" * 40,
        '{"a":' * 40,
        "[" * 3_000,
        "]" * 40,
        "}" * 40,
        "\x00",
        "\ufeff",
        "\ud800",
        '"dryrun":true,',
        '"dry_run":false,',
        '"DRYRUN":"geheim",',
        '"user":{"id":"geheim"},',
        '"specversion":"1.0",',
        '"data":{},',
        '"@odata.nextLink":"http://attacker.example/v1.0/x",',
        '"@odata.nextLink":"{elsewhere}/v1.0/x",',
        '"@odata.nextLink":"{home}/v1.0/x",',
        '"@odata.nextLink":"{home}@attacker.example/v1.0/x",',
        r'"@odata.nextLink":"{home}\\@attacker.example/v1.0/x",',
        r'"@odata.nextLink":"{home}/v1.0/\ud800",',
        '"error":{"code":"geheim person","message":"{\\"RetryAfter\\":1e999}"},',
        '"id":"geheim/../x",',
        '"status":' + "9" * 4_000 + ",",
        '"responses":[],',
        '"value":[],',
        "\nRetry-After: 9e9\n",
        "\nContent-Encoding: gzip, gzip\n",
        "\nLocation: {elsewhere}/v1.0/x\n",
        "\noriginalMessageId=tgeheim\ncopy=i3\nslot=tgeheim\n",
        "\ncloudEvents:id=tgeheim\n",
        "\nreplay=i1\n",
    )
)
_TOKEN: Final = re.compile(rb'"[^"\\]{0,80}"|-?[0-9]+|true|false|null')
_MOST: Final = 64 * 1024

type _Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def variant(corpus: Sequence[bytes], seed: int) -> bytes:
    """One of the kept inputs with one to eight changes, half of them to values and keys alone: what stays whole gets further in.

    Seeds below the corpus' size give its inputs as they are.
    """
    if seed < len(corpus):
        return corpus[seed]
    chance = random.Random(seed)
    data, changes = chance.choice(corpus), chance.choice((_CHANGES, (_exchange,)))
    for _ in range(min(8, 1 + int(chance.expovariate(1)))):
        data = chance.choice(changes)(chance, data, corpus)[:_MOST]
    return data


def _at(chance: random.Random, data: bytes) -> int:
    return chance.randint(0, len(data))


def _flip(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return b"\x00"
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


def _cut(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = sorted((_at(chance, data), _at(chance, data)))
    return data[:start] + data[min(end, start + chance.choice((1, 4, 40, len(data) + 1))) :]


def _end(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: _at(chance, data)]


def _twice(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = sorted((_at(chance, data), _at(chance, data)))
    return data[:start] + data[start:end] * chance.choice((2, 2, 2, 50)) + data[end:]


def _insert(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    place = _at(chance, data)
    return data[:place] + chance.choice(WORDS) + data[place:]


def _exchange(chance: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Another value, or another key, in place of one token of JSON."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    token = chance.choice(tokens)
    instead = chance.choice((*WORDS, chance.choice(tokens)[0]))
    return data[: token.start()] + instead + data[token.end() :]


def _mix(chance: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    other = chance.choice(corpus)
    return data[: _at(chance, data)] + other[_at(chance, other) :]


_CHANGES: Final[Sequence[_Change]] = (
    _flip,
    _cut,
    _end,
    _twice,
    _insert,
    _insert,
    _exchange,
    _exchange,
    _exchange,
    _mix,
)
