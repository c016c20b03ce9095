"""What was published, by run: one outcome for each run and kind, the same however often it is published. Judges nothing else."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from tests.proof.bus import Bus
from tests.proof.ledger import Delivery, Ledger
from tests.proof.sent import Key, Sent

OF_A_RUN: Final = ("completed", "failed")
OF_ITS_LOOKS: Final = ("verified", "unverified")


@dataclass(frozen=True, slots=True)
class End:
    """One outcome event: who decided it and when, and what it says."""

    message_id: str
    data: dict[str, Any]
    delivery: Delivery
    at: datetime


@dataclass(slots=True)
class Ends:
    """All that was published by now. `of` has it by run and kind."""

    bus: Bus
    ledger: Ledger
    of: dict[Key, dict[str, End]] = field(default_factory=lambda: defaultdict(dict))
    _decided: dict[bytes, tuple[Delivery, datetime]] = field(default_factory=dict)
    _read: int = 0

    def decided(self, document: str, delivery: Delivery, at: datetime) -> None:
        """A delivery put an outcome on record, which will be published."""
        self._decided.setdefault(document.encode(), (delivery, at))

    def read(self) -> list[tuple[Key, str, End]]:
        """What is new."""
        new = []
        for message_id, said in self.bus.sent[self._read :]:
            first = self.bus.published[message_id]
            self.ledger.find(f"one outcome: {message_id} says the same each time", first == said)
            self.ledger.find(f"one outcome: {message_id} is on record before it is published", first in self._decided)
            if first is said and first in self._decided:
                new.append(self._kept(message_id, first))
        self._read = len(self.bus.sent)
        return new

    def kinds(self, sent: Sent, kinds: Iterable[str]) -> list[str]:
        """Those of these kinds in which the run ended that was asked for."""
        ends = self.of.get(sent.key, {})
        return [kind for kind in kinds if kind in ends]

    def _kept(self, message_id: str, document: bytes) -> tuple[Key, str, End]:
        event = json.loads(document)
        data, kind = event["data"], event["type"].rpartition(".")[2]
        key = data["eventType"], data["eventId"], data["run"], data["dryRun"]
        end = End(message_id, data, *self._decided[document])
        known = self.of[key].setdefault(kind, end)
        self.ledger.find(f"one outcome: {message_id} and {known.message_id} are of one run", known is end)
        return key, kind, end
