"""Where operations meet scripted faults: every one passes here before the broker sees it."""

from collections.abc import Hashable

from emulators.clock import Clock
from emulators.servicebus import errors
from emulators.servicebus.faults import Effect, Faults
from emulators.servicebus.trace import Operation, Trace, TraceEntry


class Gate:
    """Asks the faults, and notes in the trace what they did."""

    def __init__(self, faults: Faults, trace: Trace, clock: Clock) -> None:
        self._faults = faults
        self._trace = trace
        self._clock = clock

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
