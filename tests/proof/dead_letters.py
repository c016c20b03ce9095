"""Which dead letters what was sent calls for: no weather here lasts so long that waiting ends. Knows the queues and the reports."""

from collections.abc import Callable, Sequence
from typing import Final

from emulators.servicebus.message import Message
from tests import builders
from tests.personal import personal
from tests.proof.bus import Bus
from tests.proof.ends import Ends
from tests.proof.ledger import Ledger
from tests.proof.sent import Key, Sent

REFUSALS: Final = {403: "GraphPermissionDenied", 400: "GraphRequestRejected", 404: "GraphRequestRejected"}
"""What Graph's refusal of a POST is to end as."""
type Refusals = Callable[[Sent], frozenset[str]]
"""The dead letters that the guards may make of what was sent."""
_LONGEST_TEXT: Final = 1024


def judge(bus: Bus, ends: Ends, awaited: Sequence[Sent], ledger: Ledger, refusals: Refusals) -> None:
    """Each is explained, says what was reported, and has one of the reasons that its message calls for."""
    for queue, message in bus.dead():
        look = queue == builders.VERIFICATION
        properties, name = message.content.application_properties, message.content.message_id
        original = str(properties.get("originalMessageId", name))
        of_it = [each for each in awaited if (each.key == looked_at(message) if look else each.message_id == original)]
        key = looked_at(message) if look else of_it[-1].key if of_it else None
        reason, text = message.dead_letter_reason, message.dead_letter_description
        end = None if key is None else ends.of[key].get("unverified" if look else "failed")
        reported = end is not None and end.data["deadLetterReason"] == reason
        ledger.find(f"explained: the dead letter {name} of {queue} is reported as it is", reported)
        well_put = bool(text) and len(text or "") <= _LONGEST_TEXT and not personal(text or "")
        ledger.find(f"explained: the dead letter {name} of {queue}", well_put)
        called_for = _refused(key, ledger).union(*(refusals(each) for each in of_it))
        called_for = called_for if look else called_for.union(*(each.reasons for each in of_it))
        ledger.find(f"called for: the dead letter {name} of {queue}, {reason}", reason in called_for)


def looked_at(look: Message) -> Key:
    """The run that a look is about."""
    properties = look.content.application_properties
    return str(properties["eventType"]), str(properties["eventId"]), int(properties["eventRun"]), False


def _refused(key: Key | None, ledger: Ledger) -> frozenset[str]:
    event = None if key is None else f"{key[0]}:{key[1]}"
    statuses = (each.refused_with for each in ledger.posts if each.delivery.event == event)
    return frozenset(REFUSALS[status] for status in statuses if status is not None)
