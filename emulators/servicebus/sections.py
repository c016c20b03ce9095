"""The sections of an encoded AMQP message: where each begins and ends, without decoding what is in it.

Knows AMQP's type encodings (OASIS amqp-core-types 1.6: the high nibble of a constructor tells the width) and nothing more.
"""

HEADER, DELIVERY_ANNOTATIONS, MESSAGE_ANNOTATIONS, PROPERTIES = 0x70, 0x71, 0x72, 0x73
APPLICATION_PROPERTIES, DATA, SEQUENCE, VALUE, FOOTER = 0x74, 0x75, 0x76, 0x77, 0x78

_FIXED_WIDTHS = {0x4: 0, 0x5: 1, 0x6: 2, 0x7: 4, 0x8: 8, 0x9: 16}
_SIZE_WIDTHS = {0xA: 1, 0xB: 4, 0xC: 1, 0xD: 4, 0xE: 1, 0xF: 4}
_SMALL_ULONG, _ULONG = 0x53, 0x80


def split(encoded: bytes) -> list[tuple[int, bytes]]:
    """The sections as (descriptor code, encoded value without its descriptor). Raises ValueError if it is no message."""
    found = []
    at = 0
    while at < len(encoded):
        code, start = _descriptor(encoded, at)
        at = _end_of_value(encoded, start)
        found.append((code, encoded[start:at]))
    return found


def join(code: int, value: bytes) -> bytes:
    """One encoded section, its descriptor in the short form that every client reads."""
    return bytes((0x00, _SMALL_ULONG, code)) + value


def binary_payload(value: bytes) -> bytes:
    """The bytes that an encoded binary value holds. Raises ValueError."""
    if value[:1] == b"\xa0":
        return value[2:]
    if value[:1] == b"\xb0":
        return value[5:]
    raise ValueError("a data section does not hold a binary value")


def _descriptor(encoded: bytes, at: int) -> tuple[int, int]:
    head = encoded[at : at + 10]
    if len(head) >= 3 and head[0] == 0x00 and head[1] == _SMALL_ULONG:
        code, start = head[2], at + 3
    elif len(head) == 10 and head[0] == 0x00 and head[1] == _ULONG:
        code, start = int.from_bytes(head[2:10]), at + 10
    else:
        raise ValueError("not an AMQP section")
    if not HEADER <= code <= FOOTER:
        raise ValueError(f"unknown AMQP section {code:#x}")
    return code, start


def _end_of_value(encoded: bytes, at: int) -> int:
    while at < len(encoded) and encoded[at] == 0x00:  # a described value: its descriptor, then the value itself
        at = _end_of_primitive(encoded, at + 1)
    return _end_of_primitive(encoded, at)


def _end_of_primitive(encoded: bytes, at: int) -> int:
    if at >= len(encoded):
        raise ValueError("an AMQP section ends early")
    kind, at = encoded[at] >> 4, at + 1
    if kind in _FIXED_WIDTHS:
        end = at + _FIXED_WIDTHS[kind]
    elif kind in _SIZE_WIDTHS:
        width = _SIZE_WIDTHS[kind]
        end = at + width + int.from_bytes(encoded[at : at + width])
    else:
        raise ValueError("not an AMQP value")
    if end > len(encoded):
        raise ValueError("an AMQP section ends early")
    return end
