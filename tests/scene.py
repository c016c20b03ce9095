"""A processor over fakes, with a tenant: what the tests of processing play on."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from shared import assembly, ports
from shared.assembly import Machine, Messages, Tenant
from shared.blast_radius import BlastRadius
from shared.domain.acts import Act, ActKind
from shared.domain.device import AutopilotDevice
from shared.domain.guard import Guard
from shared.domain.history import History
from shared.domain.identifiers import EventId
from shared.domain.plan import Target
from shared.domain.report import DeviceReport
from shared.handlers import Handlers
from shared.keyed_locks import KeyedLocks
from shared.messaging import conclusion, recoverability
from shared.messaging.copies import ScheduledCopy
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.processor import Processor
from shared.recording import Run
from shared.unassigning import FRESH_FOR
from tests import builders, fakes
from tests.fakes_records import InMemoryRecords

VERIFY_AFTER = builders.RULES.verify_after


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
        verify_attempts: int = 4,
        blast_radius: int = 1_000,
    ) -> None:
        self.script = fakes.Script()
        self.clock = fakes.FakeClock()
        self.graph = fakes.FakeAutopilotDevices(self.clock, self.script, *devices)
        self.journal = fakes.ScriptedJournal(self.script)
        self.publisher = fakes.FakePublisher(self.script)
        self.settler = fakes.FakeSettler(self.script)
        self.records = InMemoryRecords()
        self.blast_radius = blast_radius
        self.tenant = Tenant(devices=self.graph, users=users)
        self.rules = replace(
            builders.RULES,
            guard=guard or builders.RULES.guard,
            dry_run=dry_run,
            allow_resource_account=allow_resource_account,
            verify_attempts=verify_attempts,
            recoverability=policy,
        )
        self.clean_up: Callable[[], Awaitable[None]] | None = None
        self.processor = self.another_process()

    @property
    def handlers(self) -> Handlers:
        return self.processor.runs.handlers

    def another_process(self) -> Processor:
        """A processor on the same outside, as a second process or this one after a restart would be."""
        live, dry = (
            BlastRadius(self.records.record(name), clock=self.clock, limit=self.blast_radius)
            for name in ("live", "dry")
        )
        tenant = replace(self.tenant, live=live, dry=dry, in_hand=KeyedLocks())
        messages = Messages(
            settler=self.settler,
            publisher=self.publisher,
            queues=builders.QUEUES,
        )
        machine = Machine(
            clock=self.clock,
            jitter=lambda: 0.5,
            pseudonym=lambda identity: f"hash-of-{len(identity)}-characters",
            clean_up=self.clean_up,
        )
        return assembly.processor(tenant, messages, self.journal, machine, self.rules)

    def limit(self, permits: ports.WritePermits) -> None:
        """Let the processor ask for these permits."""
        self.tenant = replace(self.tenant, permits=permits)
        self.processor = self.another_process()

    async def offboard(self, **trigger: Any) -> None:
        await self.processor.user_offboarding(builders.Trigger(**{"body": builders.offboarded_body(), **trigger}))

    async def retire(self, **trigger: Any) -> None:
        await self.processor.device_retirement(builders.Trigger(**{"body": builders.retired_body(), **trigger}))

    async def deliver_the_copy(self, **trigger: Any) -> None:
        """Let time pass until the last copy is due, and deliver it to the queue that it was scheduled in."""
        await self.deliver(self.settler.scheduled[-1], **trigger)

    async def look_again(self, **trigger: Any) -> None:
        """The same for the last look that was scheduled at what a run did."""
        await self.deliver(self.settler.verifications[-1], **trigger)

    async def look_until_the_end(self) -> None:
        """Deliver one look after the other, as they are scheduled."""
        looked = 0
        while looked < len(self.settler.verifications):
            looked = len(self.settler.verifications)
            await self.look_again()

    async def deliver(self, copy: ScheduledCopy, **trigger: Any) -> None:
        """Let time pass until a copy is due, and deliver it."""
        self.clock.at = max(self.clock.at, copy.enqueue_at)
        verb = {
            builders.OFFBOARDING: self.processor.user_offboarding,
            builders.RETIREMENT: self.processor.device_retirement,
            builders.VERIFICATION: self.processor.verification,
        }[copy.original.queue]
        await verb(builders.delivery(copy, **trigger))

    async def release(
        self,
        *,
        event: str = "user.offboarded:message-1",
        run: int = 1,
        override: str = "o-1",
        contents: str | None = None,
    ) -> None:
        """An operator releases the guards for one run of one event; its contents are those that ended last, unless given."""
        act = Act(
            event_id=EventId(event),
            kind=ActKind.OVERRIDE,
            act_id=override,
            run=run,
            operator="Grace",
            reason="asked",
            at=self.clock.now(),
            fingerprint=self._contents() if contents is None else contents,
        )
        await self.journal.note(act)

    def _contents(self) -> str:
        ended = [end.fingerprint for end in self.journal.conclusions if not end.of_a_verification]
        return ended[-1] if ended else conclusion.fingerprint(builders.offboarded())

    async def replay(self, run: int = 1, override: str | None = "o-1", **trigger: Any) -> None:
        """An operator replays the leaver's message."""
        properties = {"replay": run, **({} if override is None else {"override": override})}
        await self.offboard(**{"message_id": f"message-1:r{run}", "application_properties": properties, **trigger})

    def go_dry(self) -> None:
        """The service is started anew with DRY_RUN on."""
        self.rules = replace(self.rules, dry_run=True)
        self.processor = self.another_process()

    async def attempt(self, target: Target, number: int = 1, **fields: Any) -> DeviceReport:
        """One attempt on one device, with the journal as it stands."""
        history = History.of(self.journal.entries)
        defaults = {
            "event_id": EventId("event-1"),
            "number": 0,
            "attempt": number,
            "dry_run": False,
            "event_at": fakes.NOW,
        }
        run = Run(**{**defaults, "history": history, **fields})
        return await self.handlers.unassigner.unassign(target, run)

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

    def types(self) -> list[str]:
        """The type of every outcome event that was published."""
        return [str(each.application_properties["type"]) for each in self.publisher.published]

    def ids(self) -> list[str]:
        """The same for their ids."""
        return [each.event_id for each in self.publisher.published]

    @property
    def posted(self) -> list[str]:
        return [device for device, _ in self.graph.posts]

    def outcomes(self) -> dict[str, str]:
        """The last report: device to outcome."""
        return {each["autopilotDeviceId"]: each["outcome"] for each in self.reports[-1]["devices"]}
