"""Where operations meet rights and scripted faults: every one passes here before the broker sees it."""

from collections.abc import Hashable

from emulators.clock import Clock
from emulators.servicebus import errors
from emulators.servicebus.faults import Effect, Faults
from emulators.servicebus.rights import Claim, Rights, needed
from emulators.servicebus.trace import Operation, Trace, TraceEntry


class Gate:
    """Asks the rights and the faults, and notes in the trace what the faults did."""

    def __init__(self, faults: Faults, trace: Trace, clock: Clock, rights: Rights | None = None) -> None:
        self._faults = faults
        self._rights = rights or Rights()
        self._trace = trace
        self._clock = clock

    def attach(self, entity: str, claim: Claim) -> Effect | None:
        """A link to an entity is wanted, by a client that needs this claim. As `meet`; raises Unauthorized too."""
        self._rights.check(entity, claim)
        return self.meet(entity, Operation.ATTACH)

    def manage(self, entity: str, operation: Operation) -> Effect | None:
        """A management request is made. As `meet`; raises Unauthorized too."""
        self._rights.check(entity, needed(operation))
        return self.meet(entity, operation)

    def meet(self, entity: str, operation: Operation, message_id: Hashable = None) -> Effect | None:
        """None, or SILENCE or LOSE_ANSWER for the caller to act on. Raises ScriptedFault for what is to be refused."""
        fault = self._faults.meet(entity, operation)
        if fault is None:
            return None
        self._trace.note(TraceEntry(self._clock.now(), entity, operation, message_id, fault.effect.value))
        if fault.effect in (Effect.REFUSE, Effect.DETACH):
            raise errors.ScriptedFault(fault.condition, fault.description, detach=fault.effect is Effect.DETACH)
        return fault.effect

    def holds_deliveries(self, entity: str) -> bool:
        """Whether a fault stops deliveries from this entity just now."""
        return self._faults.meet(entity, Operation.DELIVER) is not None
