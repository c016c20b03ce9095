"""The settings themselves: one line each with name, kind, default and purpose. README and samples are held equal to this."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Final

from shared.settings import kinds
from shared.settings.kinds import Kind

CONNECTION: Final = "ServiceBusConnection"
NAMESPACE: Final = f"{CONNECTION}__fullyQualifiedNamespace"
REQUIRED: Final = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of a setting. `default` is as one would write it; None: it must be given; "": it may be absent."""

    name: str
    kind: Kind
    default: str | None
    purpose: str


def _setting(name: str, kind: Kind, default: str | None, purpose: str) -> Any:
    return field(metadata={"setting": Setting(name, kind, default, purpose)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings as the composition root uses them; durations are timedeltas, lists are tuples."""

    connection_string: str = _setting(
        CONNECTION, kinds.CONNECTION_STRING, "", "Service Bus by connection string (local only)"
    )
    namespace: str = _setting(NAMESPACE, kinds.HOST, "", "Service Bus by identity (in Azure)")
    connection_credential: str = _setting(
        f"{CONNECTION}__credential", kinds.CREDENTIAL, "", "how that identity signs in"
    )
    connection_client_id: str = _setting(
        f"{CONNECTION}__clientId", kinds.GUID, "", "that identity's client id, if it is user-assigned"
    )
    user_offboarding_queue: str = _setting(
        "USER_OFFBOARDING_QUEUE", kinds.ENTITY, REQUIRED, "the queue of `user.offboarded`"
    )
    device_retirement_queue: str = _setting(
        "DEVICE_RETIREMENT_QUEUE", kinds.ENTITY, REQUIRED, "the queue of `device.retired`"
    )
    verification_queue: str = _setting(
        "VERIFICATION_QUEUE", kinds.ENTITY, REQUIRED, "the queue of our own verifications"
    )
    outcomes_topic: str = _setting("OUTCOMES_TOPIC", kinds.ENTITY, REQUIRED, "the topic of outcome events")
    graph_endpoint: str = _setting(
        "GRAPH_ENDPOINT",
        kinds.text("the root of Graph in one of the four clouds, or http on loopback"),
        "https://graph.microsoft.com",
        "where Graph is",
    )
    azure_client_id: str = _setting(
        "AZURE_CLIENT_ID",
        kinds.GUID,
        "",
        "client id of the identity that calls Graph and the journal's storage, if it is user-assigned",
    )
    dry_run: bool = _setting("DRY_RUN", kinds.FLAG, "false", "change nothing, report what would be done")
    allow_resource_account_unassign: bool = _setting(
        "ALLOW_RESOURCE_ACCOUNT_UNASSIGN",
        kinds.FLAG,
        "false",
        "allow `unassignResourceAccount`, which Graph has in beta only",
    )
    resolve_users: bool = _setting(
        "RESOLVE_USERS", kinds.FLAG, "false", "look users up in Graph; needs `User.Read.All`"
    )
    max_delivery_count: int = _setting(
        "MAX_DELIVERY_COUNT", kinds.number(1, 2000), "10", "the queues' own maximum delivery count"
    )
    log_hash_key: str = _setting(
        "LOG_HASH_KEY", kinds.SECRET, "", "key of the hashes in logs; random for each process if absent"
    )
    max_devices_per_user: int = _setting(
        "MAX_DEVICES_PER_USER", kinds.number(1, 400), "10", "a user with more devices is refused"
    )
    blast_radius_per_hour: int = _setting(
        "BLAST_RADIUS_PER_HOUR",
        kinds.number(1, 1_000_000),
        "200",
        "devices that may be unassigned in an hour, over all instances",
    )
    protected_users: tuple[str, ...] = _setting(
        "PROTECTED_USERS",
        kinds.WORDS,
        "",
        "user principal names never touched; also object ids, where the message gives one",
    )
    protected_group_tags: tuple[str, ...] = _setting(
        "PROTECTED_GROUP_TAGS", kinds.WORDS, "", "group tags whose devices are never touched"
    )
    protected_serial_numbers: tuple[str, ...] = _setting(
        "PROTECTED_SERIAL_NUMBERS", kinds.WORDS, "", "serial numbers never touched"
    )
    retry_max_attempts: int = _setting(
        "RETRY_MAX_ATTEMPTS", kinds.number(1, 100_000), "300", "attempts before `RetriesExhausted`"
    )
    retry_first_delay: timedelta = _setting(
        "RETRY_FIRST_DELAY", kinds.DURATION, "10s", "the first delayed retry comes within this"
    )
    retry_max_delay: timedelta = _setting("RETRY_MAX_DELAY", kinds.DURATION, "15m", "the longest wait between attempts")
    retry_give_up_after: timedelta = _setting(
        "RETRY_GIVE_UP_AFTER", kinds.DURATION, "24h", "time since the first failed attempt before `RetriesExhausted`"
    )
    permit_max_wait: timedelta = _setting(
        "PERMIT_MAX_WAIT", kinds.DURATION, "10s", "the longest wait for a place under the rate limit"
    )
    message_max_age: timedelta = _setting("MESSAGE_MAX_AGE", kinds.DURATION, "7d", "an older event is `StaleMessage`")
    directory_max_age: timedelta = _setting(
        "DIRECTORY_MAX_AGE", kinds.DURATION, "60s", "how long one scan of the Autopilot list is shared"
    )
    verify_after: timedelta = _setting(
        "VERIFY_AFTER", kinds.DURATION, "10m", "how long an accepted unassignment is neither repeated nor doubted"
    )
    verify_attempts: int = _setting(
        "VERIFY_ATTEMPTS", kinds.number(1, 20), "4", "looks at a record before `UnassignmentNotConfirmed`"
    )
    mapping_file: str = _setting(
        "MAPPING_FILE",
        kinds.text("a path, from the folder that is deployed, such as shared/mappings/bamboohr.yaml"),
        "",
        "rules that turn messages of other shapes into events",
    )
    journal_url: str = _setting(
        "JOURNAL_URL",
        kinds.text(
            "https://ACCOUNT.table.SUFFIX/TABLE, sqlite:///FILE, or http://127.0.0.1:PORT/devstoreaccount1/TABLE"
        ),
        "sqlite:///journal.sqlite3",
        "where decisions are recorded: Table Storage, a file (local only), or Azurite",
    )
    journal_retention: timedelta = _setting(
        "JOURNAL_RETENTION",
        kinds.LONG_DURATION,
        "365d",
        "how long the journal keeps an event after the last that happened to it",
    )


TABLE: Final[Mapping[str, Setting]] = {each.name: each.metadata["setting"] for each in fields(Settings)}
"""Field name to setting, in the order of the documentation."""
NAMES: Final = tuple(setting.name for setting in TABLE.values())
"""The names of all settings, in the same order."""
