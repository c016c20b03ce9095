"""Scripted faults, as data: what is to go wrong at which entity, how, and how often.

Used by the wire layer, which asks before each operation. Knows nothing of AMQP but the names of conditions.
"""

import dataclasses
import enum
import threading

from emulators.servicebus.trace import Operation


class Effect(enum.StrEnum):
    """What a fault does to the operation that it meets."""

    REFUSE = "refuse"
    """The operation is answered with the condition, and not done."""
    DETACH = "detach"
    """The link it came on is detached with the condition; not done."""
    SILENCE = "silence"
    """Neither done nor answered."""
    LOSE_ANSWER = "lose-answer"
    """Done, but never answered: the client can't know."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault. `entity` and `operation` None mean any; `times` None means until it is lifted. The first `after` operations pass.

    An entity is named as in the configuration, without regard to case: a dead-letter subqueue and a subscription by their
    whole path. On `Operation.DELIVER` every effect means that nothing is delivered, and each try counts as one time.
    """

    entity: str | None = None
    operation: Operation | None = None
    effect: Effect = Effect.REFUSE
    condition: str = "com.microsoft:server-busy"
    description: str = "The request was terminated because the entity is being throttled. (scripted fault)"
    times: int | None = 1
    after: int = 0

    def applies_to(self, entity: str, operation: Operation) -> bool:
        """Whether the operation on this entity is one that the fault stops."""
        return (self.entity is None or self.entity.lower() == entity.lower()) and self.operation in (None, operation)


type _Entry = tuple[Fault, int, int | None]
"""A fault, how many operations it lets pass yet, and how often it happens after that."""


class Faults:
    """The faults in force. Safe to change from any thread while the emulator runs."""

    def __init__(self, *faults: Fault) -> None:
        self._lock = threading.Lock()
        self._faults: list[_Entry] = [(fault, fault.after, fault.times) for fault in faults]

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force, after those already there; the first that applies is the one that happens."""
        with self._lock:
            self._faults.append((fault, fault.after, fault.times))
        return fault

    def lift(self, fault: Fault) -> None:
        """End a fault; nothing happens if it has ended already."""
        with self._lock:
            self._faults = [entry for entry in self._faults if entry[0] is not fault]

    def meet(self, entity: str, operation: Operation) -> Fault | None:
        """The fault that this operation runs into, if any; that uses up one of its times."""
        with self._lock:
            for index, (fault, passing, left) in enumerate(self._faults):
                if fault.applies_to(entity, operation):
                    if passing:
                        self._faults[index] = (fault, passing - 1, left)
                        continue
                    if left is not None:
                        self._faults[index : index + 1] = [(fault, 0, left - 1)] if left > 1 else []
                    return fault
        return None


def out_of_reach(entity: str | None = None) -> Fault:
    """A fault until lifted: nothing about this entity (or any) works, as when the service can't reach its storage."""
    return Fault(entity=entity, condition="com.microsoft:server-busy", times=None)
