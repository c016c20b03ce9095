"""The body of one answer, piece by piece as it comes: no more of it in memory than is allowed. Knows no client library.

The HTTP library would unpack whatever comes, a piece as a whole, and as often as the answer says it was packed ("gzip, gzip"):
a few kilobytes like that fill any memory. Here it is unpacked once, and only so far as it may grow.
"""

import zlib
from collections.abc import Mapping
from typing import Final

from shared.domain.errors import GraphUnavailable

ACCEPTED: Final = "gzip"
"""The one encoding that is asked for, as `Accept-Encoding` has it."""
_PACKED: Final = ("gzip", "x-gzip")
_PLAIN: Final = ("", "identity")
_LONGEST_NUMBER: Final = 20


class Body:
    """Collects a body of at most `most` bytes; `headers` (names in any case) say how it is packed and how long it is.

    All raise GraphUnavailable: for a body that is longer, packed in a way that was not asked for, no gzip, or cut short.
    """

    def __init__(self, headers: Mapping[str, str], *, most: int) -> None:
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in _PACKED + _PLAIN:
            raise GraphUnavailable("graph answered in an encoding that was not asked for")
        self._most = most
        self._content = bytearray()
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if encoding in _PACKED else None
        if _announced(headers) > most:
            raise self._too_long()

    def add(self, piece: bytes) -> None:
        """The next piece, as it came."""
        if piece:
            self._content += piece if self._gzip is None else self._unpacked(self._gzip, piece)
        if len(self._content) > self._most:
            raise self._too_long()

    def whole(self) -> bytes:
        """The body, to be asked for when all pieces were added."""
        if self._content and self._gzip is not None and not self._gzip.eof:
            raise GraphUnavailable("graph answered with gzip that was cut short")
        return bytes(self._content)

    def _unpacked(self, gzip: "zlib._Decompress", piece: bytes) -> bytes:
        try:
            return gzip.decompress(piece, self._most + 1 - len(self._content))  # one more than allowed shows that it is
        except zlib.error as error:
            raise GraphUnavailable("graph answered with something that is not gzip") from error

    def _too_long(self) -> GraphUnavailable:
        return GraphUnavailable(f"graph answered with more than {self._most} bytes")


def _announced(headers: Mapping[str, str]) -> int:
    """The length that the answer gives itself; 0 if it gives none. The HTTP library has refused what is no number."""
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) <= _LONGEST_NUMBER else 0
