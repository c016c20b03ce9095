"""A processor over fakes, with a tenant: what the tests of processing play on."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared import ports
from shared.domain.device import AutopilotDevice
from shared.domain.guard import Guard
from shared.domain.history import History
from shared.domain.identifiers import EventId
from shared.domain.plan import Target
from shared.domain.report import DeviceReport
from shared.handlers import Handlers
from shared.leavers import Leavers
from shared.messaging import recoverability
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.processor import Processor, Rules
from shared.unassigning import FRESH_FOR, Run, Unassigner
from tests import builders, fakes

VERIFY_AFTER = timedelta(minutes=10)


class Scene:
    """The parts are public; `offboard` and `retire` deliver a message, the readers tell what came of it."""

    def __init__(
        self,
        *devices: AutopilotDevice,
        dry_run: bool = False,
        users: ports.Users | None = None,
        guard: Guard | None = None,
        allow_resource_account: bool = False,
        policy: recoverability.Policy = builders.POLICY,
    ) -> None:
        self.script = fakes.Script()
        self.clock = fakes.FakeClock()
        self.graph = fakes.FakeAutopilotDevices(self.clock, self.script, *devices)
        self.journal = fakes.ScriptedJournal(self.script)
        self.publisher = fakes.FakePublisher(self.script)
        self.settler = fakes.FakeSettler(self.script)
        self.guard = guard or Guard(max_devices_per_user=10)
        self.handlers = Handlers(
            devices=self.graph,
            leavers=Leavers(users),
            unassigner=Unassigner(
                devices=self.graph, journal=self.journal, clock=self.clock, guard=self.guard, verify_after=VERIFY_AFTER
            ),
            guard=self.guard,
            allow_resource_account=allow_resource_account,
        )
        self.rules = Rules(dry_run=dry_run, message_max_age=timedelta(days=7), recoverability=policy)
        self.processor = self.another_process()

    def another_process(self) -> Processor:
        """A processor on the same outside, as a second process or this one after a restart would be."""
        handlers = Handlers(
            devices=self.graph,
            leavers=self.handlers.leavers,
            unassigner=Unassigner(
                devices=self.graph, journal=self.journal, clock=self.clock, guard=self.guard, verify_after=VERIFY_AFTER
            ),
            guard=self.guard,
            allow_resource_account=self.handlers.allow_resource_account,
        )
        return Processor(
            handlers=handlers,
            journal=self.journal,
            publisher=self.publisher,
            settler=self.settler,
            clock=self.clock,
            jitter=lambda: 0.5,
            pseudonym=lambda identity: f"hash-of-{len(identity)}-characters",
            rules=self.rules,
            user_offboarding_queue=builders.OFFBOARDING,
            device_retirement_queue=builders.RETIREMENT,
        )

    def limit(self, permits: ports.WritePermits) -> None:
        """Let the processor ask for these permits."""
        unassigner = Unassigner(
            devices=self.graph,
            journal=self.journal,
            clock=self.clock,
            guard=self.guard,
            verify_after=VERIFY_AFTER,
            permits=permits,
        )
        self.processor = replace(
            self.processor, handlers=replace(self.handlers, unassigner=unassigner, permits=permits)
        )

    async def offboard(self, **trigger: Any) -> None:
        await self.processor.user_offboarding(builders.Trigger(**{"body": builders.offboarded_body(), **trigger}))

    async def retire(self, **trigger: Any) -> None:
        await self.processor.device_retirement(builders.Trigger(**{"body": builders.retired_body(), **trigger}))

    async def deliver_the_copy(self, **trigger: Any) -> None:
        """Let time pass until the last copy is due, and deliver it to the queue that it was scheduled in."""
        copy = self.settler.scheduled[-1]
        self.clock.at = max(self.clock.at, copy.enqueue_at)
        verb = {
            builders.OFFBOARDING: self.processor.user_offboarding,
            builders.RETIREMENT: self.processor.device_retirement,
        }[copy.original.queue]
        await verb(builders.delivery(copy, **trigger))

    async def attempt(self, target: Target, number: int = 1, **fields: Any) -> DeviceReport:
        """One attempt on one device, with the journal as it stands."""
        history = History.of(self.journal.entries)
        defaults = {"event_id": EventId("event-1"), "number": 0, "attempt": number, "dry_run": False}
        run = Run(**{**defaults, "history": history, **fields})
        return await self.processor.handlers.unassigner.unassign(target, run)

    def slow_intent(self, then: AutopilotDevice | None = None) -> None:
        """Let writing the next intent take longer than a read stays fresh; meanwhile the record may change."""

        def hook() -> None:
            self.clock.advance(seconds=FRESH_FOR.total_seconds() + 1)
            if then is not None:
                self.graph.put(then)

        self.script.before("journal.append.intent", hook)

    @property
    def settlements(self) -> list[Complete | Abandon | DeadLetter]:
        return [settlement for _, settlement in self.settler.settled]

    @property
    def reports(self) -> list[dict[str, Any]]:
        """The data of every outcome event that was published."""
        return [json.loads(each.document)["data"] for each in self.publisher.published]

    @property
    def posted(self) -> list[str]:
        return [device for device, _ in self.graph.posts]

    def outcomes(self) -> dict[str, str]:
        """The last report: device to outcome."""
        return {each["autopilotDeviceId"]: each["outcome"] for each in self.reports[-1]["devices"]}
