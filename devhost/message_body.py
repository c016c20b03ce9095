"""A message's body as the host hands it to a function.

With `dataType` binary the bytes as they came. Otherwise a string, read as MessageToStringConverter of the .NET extension reads
it: a byte order mark is obeyed and left out, and bytes that are no text become replacement characters. Pure.
"""

import codecs

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.amqp import AmqpMessageBodyType

from devhost import errors, protos

# The longest mark first: UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def build(message: ServiceBusReceivedMessage, *, binary: bool) -> protos.TypedData:
    """Build the value of the function's parameter. Raises BodyNotBindable for an AMQP value or sequence that is no text."""
    if message.body_type is AmqpMessageBodyType.DATA:
        content = b"".join(message.body)
        return protos.TypedData(bytes=content) if binary else protos.text(as_text(content))
    value = message.body  # of an AMQP value that is text, the SDK shows the bytes
    if message.body_type is AmqpMessageBodyType.VALUE and isinstance(value, bytes):
        return protos.TypedData(bytes=value) if binary else protos.text(as_text(value))
    raise errors.BodyNotBindable(f"a body of type {message.body_type.value} cannot be handed to a function")


def as_text(content: bytes) -> str:
    """Read bytes as the host reads a body that is to be a string."""
    encoding, skip = next(((name, len(mark)) for mark, name in _MARKS if content.startswith(mark)), ("utf-8", 0))
    try:
        return content[skip:].decode(encoding)
    except UnicodeDecodeError:
        return content.decode(errors="replace")
