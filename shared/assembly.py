"""The application put together over its ports: which part needs which. Knows no adapter, no setting's name, no environment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from shared import ports
from shared.blast_radius import BlastRadius
from shared.comparing import Comparer
from shared.concluding import Conclusions
from shared.domain import events
from shared.domain.guard import Guard
from shared.following_up import FollowUps
from shared.guarding import Guards
from shared.handlers import Handlers
from shared.keyed_locks import KeyedLocks
from shared.leavers import Leavers
from shared.looking import Looker
from shared.messaging import contract, recoverability
from shared.messaging.incoming import IncomingMessage
from shared.processor import Processor, Queues
from shared.recording import Recorder
from shared.resolving import Resolver
from shared.running import Runs
from shared.unassigning import Unassigner
from shared.verifying import Verifications


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the settings say about the work itself."""

    guard: Guard
    dry_run: bool
    allow_resource_account: bool
    message_max_age: timedelta
    verify_after: timedelta
    verify_attempts: int
    recoverability: recoverability.Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """Graph, and who may write to it how fast. `users` is None where Graph may not be asked about them.

    `live` and `dry` count the devices of an hour; without them nobody counts. `in_hand` holds the devices that are worked on.
    """

    devices: ports.AutopilotDevices
    users: ports.Users | None
    permits: ports.WritePermits = field(default_factory=ports.NoLimit)
    live: BlastRadius | None = None
    dry: BlastRadius | None = None
    in_hand: KeyedLocks = field(default_factory=KeyedLocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Messages:
    """Service Bus: where messages come from, how they are read and settled, and where outcomes go."""

    settler: ports.Settler
    publisher: ports.OutcomePublisher
    queues: Queues
    decode: Callable[[IncomingMessage, str], events.Event] = contract.decode
    in_hand: KeyedLocks = field(default_factory=KeyedLocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The process itself. `jitter` draws from [0, 1); `pseudonym` hashes an identity for the log; `close` closes the adapters.

    `heartbeat` is called by a timer; `clean_up` removes from the journal what is old, if that is due.
    """

    clock: ports.Clock
    jitter: Callable[[], float]
    pseudonym: Callable[[str], str]
    close: Callable[[], Awaitable[None]] | None = None
    heartbeat: Callable[[], Awaitable[None]] | None = None
    clean_up: Callable[[], Awaitable[None]] | None = None


def handlers(tenant: Tenant, journal: ports.Journal, clock: ports.Clock, rules: Rules) -> Handlers:
    """The verbs, for the triggers or for a preview."""
    recorder = Recorder(journal, clock, verify_after=rules.verify_after)
    comparer = Comparer(devices=tenant.devices, recorder=recorder, clock=clock, verify_after=rules.verify_after)
    return Handlers(
        resolver=Resolver(
            devices=tenant.devices,
            leavers=Leavers(tenant.users),
            guard=rules.guard,
            allow_resource_account=rules.allow_resource_account,
            permits=tenant.permits,
        ),
        unassigner=Unassigner(
            comparer=comparer,
            recorder=recorder,
            guards=Guards(guard=rules.guard, recorder=recorder),
            devices=tenant.devices,
            clock=clock,
            permits=tenant.permits,
            in_hand=tenant.in_hand,
        ),
        looker=Looker(comparer=comparer, recorder=recorder, in_hand=tenant.in_hand),
        live=tenant.live,
        dry=tenant.dry,
    )


def processor(tenant: Tenant, messages: Messages, journal: ports.Journal, machine: Machine, rules: Rules) -> Processor:
    """The processor of one process."""
    clock, verbs = machine.clock, handlers(tenant, journal, machine.clock, rules)
    conclusions = Conclusions(
        journal=journal, publisher=messages.publisher, clock=clock, message_max_age=rules.message_max_age
    )
    follow_ups = FollowUps(
        settler=messages.settler, clock=clock, queue=messages.queues.verification, verify_after=rules.verify_after
    )
    runs = Runs(
        handlers=verbs,
        journal=journal,
        conclusions=conclusions,
        follow_ups=follow_ups,
        clock=clock,
        pseudonym=machine.pseudonym,
        message_max_age=rules.message_max_age,
        decode=messages.decode,
        in_hand=messages.in_hand,
    )
    verifications = Verifications(
        handlers=verbs,
        journal=journal,
        conclusions=conclusions,
        follow_ups=follow_ups,
        clock=clock,
        attempts=rules.verify_attempts,
        dry_run=rules.dry_run,
        give_up_after=rules.recoverability.give_up_after,
        message_max_age=rules.message_max_age,
        in_hand=messages.in_hand,
    )
    given = {"close": machine.close, "heartbeat": machine.heartbeat, "clean_up": machine.clean_up}
    hooks = {name: hook for name, hook in given.items() if hook is not None}
    return Processor(
        runs=runs,
        verifications=verifications,
        conclusions=conclusions,
        follow_ups=follow_ups,
        settler=messages.settler,
        clock=clock,
        jitter=machine.jitter,
        policy=rules.recoverability,
        dry_run=rules.dry_run,
        queues=messages.queues,
        **hooks,
    )
