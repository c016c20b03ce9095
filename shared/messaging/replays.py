"""The replay of a dead-lettered message: a new original under an id of its own, sent by an operator. Pure.

Body and standard properties are kept, attempts and the clock of failures begin anew. What stays is the event id, and the time
when the very first message arrived: an old event is as old when it is replayed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Final

from shared.messaging import copies, incoming, message_ids, verification
from shared.messaging.copies import Property
from shared.messaging.dead_letters import Reason
from shared.messaging.incoming import IncomingMessage

OVERRIDABLE: Final = frozenset(reason.value for reason in Reason if reason.guards)
"""The reasons for which a guard refused: what an operator may release on their own responsibility."""

_BEGUN_ANEW: Final = (
    incoming.ATTEMPT,
    incoming.COPY,
    incoming.FIRST_ENQUEUED_AT,
    incoming.FIRST_FAILED_AT,
    incoming.ORIGINAL_MESSAGE_ID,
    incoming.OVERRIDE,
    incoming.REPLAY,
    incoming.REPLAY_OF,
    incoming.SLOT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A message to be sent to the queue of `original`, whose standard properties it takes over."""

    original: IncomingMessage
    message_id: str
    run: int
    body: bytes
    application_properties: Mapping[str, Property]


def ids(message: IncomingMessage, *, of_a_look: bool = False) -> Iterator[tuple[int, str]]:
    """Runs and message ids that a replay may take, the next one first. A later one only if that is another message's.

    `of_a_look`: the message is a verification; its runs are counted apart from its event's. Raises InvalidMessage for none of ours.
    """
    first = _first_id(message, of_a_look=of_a_look)
    return ((run, message_ids.of_replay(first, run)) for run in count(message.run + 1))


def of(
    message: IncomingMessage,
    *,
    run: int,
    body: bytes | None = None,
    override: str | None = None,
    of_a_look: bool = False,
) -> Replay:
    """The replay that is run `run`, with a corrected body if one is given.

    `override` is the id of an act on record that releases the guards for this run; `of_a_look` as for `ids`.
    """
    first = _first_id(message, of_a_look=of_a_look)
    properties = copies.kept_properties(message, without=_BEGUN_ANEW)
    properties |= {
        incoming.REPLAY: run,
        incoming.REPLAY_OF: first,
        incoming.FIRST_ENQUEUED_AT: message.first_enqueued_at.isoformat(),
    }
    if of_a_look:
        properties[verification.NUMBER] = 1
        override = override or message.override  # the event's run is the same, and so is who released it
    if override is not None:
        properties[incoming.OVERRIDE] = override
    return Replay(
        original=message,
        message_id=message_ids.of_replay(first, run),
        run=run,
        body=message.body if body is None else body,
        application_properties=properties,
    )


def _first_id(message: IncomingMessage, *, of_a_look: bool) -> str:
    return verification.first_look(message) if of_a_look else message.default_event_id


def fingerprint(message: IncomingMessage, *, body: bytes | None, overridden: bool) -> str:
    """What a replay is made of: the message, and what is sent in its stead. The same when it is made again."""
    kept = json.dumps(copies.kept_properties(message, without=_BEGUN_ANEW), sort_keys=True).encode()
    sent = message.body if body is None else body
    return f"{_hash(message.body, kept)}.{_hash(sent, kept, b'overridden' if overridden else b'')}"


def of_the_same_message(one: str, other: str) -> bool:
    """Whether two fingerprints are of one message, be what is sent in its stead the same or not."""
    return one.partition(".")[0] == other.partition(".")[0]


def _hash(*parts: bytes) -> str:
    lengths = "".join(f"{len(part)}:" for part in parts)
    return hashlib.sha256(lengths.encode() + b"".join(parts)).hexdigest()[:32]
