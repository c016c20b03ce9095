"""The administrator, who gives devices to others while messages about them are handled. Knows when; the tenant carries it out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION
from shared.messaging import outcome
from shared.unassigning import FRESH_FOR
from tests.chaos.load import Handover, Load, Moment, Sending
from tests.chaos.sending import Sender
from tests.chaos.tenant import WatchedTenant
from tests.e2e.site import Site


@dataclass(slots=True, kw_only=True)
class Administrator:
    """Acts on the load's handovers, each once its moment has come and its record has not been read for a while.

    A POST comes within FRESH_FOR of its read, by its host's clock; and later by as long as everything may be stopped.
    """

    site: Site
    tenant: WatchedTenant
    load: Load
    sender: Sender
    longest_fault: timedelta
    _left: list[Handover] = field(init=False)

    def __post_init__(self) -> None:
        self._left = list(self.load.handovers)

    @property
    def waits(self) -> bool:
        """Whether there is something to do yet."""
        return bool(self._left)

    def act(self) -> Iterator[Sending]:
        """Give the devices whose time has come; the messages that were held until then."""
        verified = self._verified() if any(each.moment is Moment.ONCE_VERIFIED for each in self._left) else set()
        quiet = FRESH_FOR + self.longest_fault + timedelta(seconds=1)
        done = [
            each
            for each in self._left
            if self._due(each, verified) and self.tenant.hand_over(each.device, each.to, unread_for=quiet)
        ]
        self._left = [each for each in self._left if each not in done]
        stories = {each.story.event_id for each in done}
        return (each for each in self.load.sendings if each.held and each.story.event_id in stories)

    def _due(self, handover: Handover, verified: set[str]) -> bool:
        match handover.moment:
            case Moment.WHILE_IT_WAITS:
                return handover.story.event_id in self.sender.tried_at
            case Moment.ONCE_CLEAR:
                return not self.tenant.devices[handover.device].user_principal_name
            case Moment.ONCE_VERIFIED:
                return handover.story.event_id in verified

    def _verified(self) -> set[str]:
        """The events that are reported to be verified."""
        published = self.site.service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}").active
        return {
            json.loads(each.body)["subject"]
            for each in published
            if each.application_properties["type"] == outcome.VERIFIED
        }
