"""A received message made again from its lock token: the only place that touches private names of azure-servicebus.

The host received the message on a connection of its own and hands over the token; the SDK settles only messages that it has
seen. A canary test holds these names to what they do here; the dependency is pinned to the minor.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azure.servicebus import ServiceBusReceivedMessage
    from azure.servicebus.aio import ServiceBusReceiver

_EMPTY_DATA_SECTION: Final = b"\x00\x53\x75\xa0\x00"
"""AMQP's encoding of a message with an empty body."""


def parse(lock_token: str) -> uuid.UUID:
    """The token as the wire has it. Raises ValueError, which quotes nothing."""
    try:
        return uuid.UUID(lock_token)
    except (ValueError, AttributeError, TypeError):
        raise ValueError("the lock token is not a UUID") from None


def rehydrate(lock_token: uuid.UUID) -> ServiceBusReceivedMessage:
    """A message that can be settled, once, on any open receiver of its queue."""
    from azure.servicebus import ServiceBusReceivedMessage  # noqa: PLC0415 - not before the first message

    message = ServiceBusReceivedMessage.from_bytes(_EMPTY_DATA_SECTION)
    message._received_lock_token = lock_token  # noqa: SLF001
    # A deferred message is settled over the management link, as any must be that came in elsewhere.
    message._is_deferred_message = True  # noqa: SLF001
    return message


async def abandon_all(receiver: ServiceBusReceiver, lock_tokens: Sequence[uuid.UUID]) -> None:
    """Give many messages back in one request, which the protocol has and the SDK makes for one at a time.

    What the broker does not do because a lock has ended, it does when the other locks end.
    """
    from azure.servicebus.exceptions import MessageLockLostError  # noqa: PLC0415 - not before the first message

    with contextlib.suppress(MessageLockLostError):
        await receiver._settle_message_via_mgmt_link("abandoned", list(lock_tokens))  # type: ignore[no-untyped-call]  # noqa: SLF001
