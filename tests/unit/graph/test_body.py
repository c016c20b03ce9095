"""A body off the wire: unpacked once, and only so far as it may grow."""

import gzip
import tracemalloc
import zlib

import pytest

from shared.domain.errors import GraphUnavailable
from shared.graph.body import Body

MOST = 1_000


def read(*pieces: bytes, most: int = MOST, encoding: str = "") -> bytes:
    body = Body({"content-encoding": encoding}, most=most)
    for piece in pieces:
        body.add(piece)
    return body.whole()


def test_a_plain_body_is_its_pieces() -> None:
    assert read(b"one ", b"", b"two") == b"one two"
    assert read(encoding="identity") == b""


@pytest.mark.parametrize("name", ["gzip", "x-gzip", " GZIP "])
@pytest.mark.parametrize("step", [1, 7, 10_000])
def test_a_packed_body_is_unpacked_wherever_it_is_cut(name: str, step: int) -> None:
    packed = gzip.compress(b"text " * 100)

    assert read(*(packed[at : at + step] for at in range(0, len(packed), step)), encoding=name) == b"text " * 100


def test_an_answer_without_a_body_may_still_say_that_it_is_packed() -> None:
    assert read(encoding="gzip") == b""


@pytest.mark.parametrize("plain", [True, False])
def test_what_just_fits_is_read_and_one_byte_more_is_not(*, plain: bool) -> None:
    for size in (MOST, MOST + 1):
        body = b"x" * size
        pieces = (body if plain else gzip.compress(body),)
        encoding = "" if plain else "gzip"
        if size == MOST:
            assert read(*pieces, encoding=encoding) == body
        else:
            with pytest.raises(GraphUnavailable, match="more than 1000 bytes"):
                read(*pieces, encoding=encoding)


def test_what_says_that_it_is_too_long_is_not_waited_for() -> None:
    with pytest.raises(GraphUnavailable, match="more than 1000 bytes"):
        Body({"content-length": "1001"}, most=MOST)


def test_a_bomb_is_unpacked_no_further_than_it_may_grow() -> None:
    bomb = zlib.compress(b"0" * 100_000_000, wbits=31)
    tracemalloc.start()
    try:
        with pytest.raises(GraphUnavailable, match="more than 1000000 bytes"):
            read(bomb, most=1_000_000, encoding="gzip")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4_000_000


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate", "gzip;q=1", "geheim"])
def test_an_encoding_that_was_not_asked_for_is_refused_and_not_quoted(encoding: str) -> None:
    with pytest.raises(GraphUnavailable, match=r"^graph answered in an encoding that was not asked for$"):
        Body({"content-encoding": encoding}, most=MOST)


def test_what_is_no_gzip_or_only_half_is_refused() -> None:
    with pytest.raises(GraphUnavailable, match="not gzip"):
        read(b"no gzip", encoding="gzip")
    with pytest.raises(GraphUnavailable, match="cut short"):
        read(gzip.compress(b"text " * 100)[:-9], encoding="gzip")
