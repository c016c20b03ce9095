"""Reading the settings from an environment: every problem is collected, then reported at once, by name and expected form."""

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from shared.settings import fields, kinds, misspelling
from shared.settings.fields import CONNECTION, NAMES, NAMESPACE, TABLE, Setting, Settings

_REFERENCE: Final = "@Microsoft."
"""How `@Microsoft.KeyVault(…)` begins: App Service hands it over as it stands where it could not resolve it."""

type Check = Callable[[str], object]
"""Raises ValueError, with a text for people for each problem, if a value has not the form that an adapter needs."""


class SettingsError(Exception):
    """Settings that are missing or wrong; the text has a line for each, and is meant to be read by a person."""

    def __init__(self, problems: list[str]) -> None:
        heading = "one setting needs mending:" if len(problems) == 1 else f"{len(problems)} settings need mending:"
        super().__init__("\n".join([heading, *(f"  {line}" for line in problems)]))
        self.problems = problems


def process_environment() -> Mapping[str, str]:
    """The environment of this process, for those who pass it on."""
    return os.environ


def load(environment: Mapping[str, str], checks: Mapping[str, Check], *, service_bus: bool = True) -> Settings:
    """The settings in an environment. Raises SettingsError with every problem at once.

    `checks` come from the adapters, which alone know what they can reach; their keys are names of settings. Without
    `service_bus` the settings that lead to Service Bus may be missing: for what never goes there.
    """
    settings, problems = examine(environment, checks, service_bus=service_bus)
    if problems:
        raise SettingsError(problems)
    return settings


def examine(
    environment: Mapping[str, str], checks: Mapping[str, Check], *, service_bus: bool = True
) -> tuple[Settings, list[str]]:
    """The settings, with the default (or nothing) in place of what is wrong or missing, and every problem; for who goes on."""
    problems: list[str] = []
    values = {
        name: _read(setting, environment, checks, problems, may_miss=not service_bus and setting.kind is kinds.ENTITY)
        for name, setting in TABLE.items()
    }
    settings = Settings(**values)
    if service_bus:
        problems += _service_bus(settings, environment)
    problems += [*_together(settings), *_misspelt(environment)]
    return settings, problems


def _read(
    setting: Setting,
    environment: Mapping[str, str],
    checks: Mapping[str, Check],
    problems: list[str],
    *,
    may_miss: bool,
) -> Any:
    """One value; a wrong one reads as its default, so that the rest is read too."""
    given = environment.get(setting.name, "").strip()
    default = setting.default or ""
    if not given and setting.default is fields.REQUIRED and not may_miss:
        problems.append(f"{setting.name} is missing: give {setting.kind.form}")
    if given.startswith(_REFERENCE):  # taken for a value it would be a key that everybody knows, or protect nobody
        problems.append(
            f"{setting.name} is a reference that was not resolved: let the app's identity read what it refers to, "
            "or give the value itself"
        )
        return setting.kind.parse(default)
    try:
        value = setting.kind.parse(given or default)
    except ValueError as error:
        problems.append(f"{setting.name} is {error}: give {setting.kind.form}")
        return setting.kind.parse(default)
    check = checks.get(setting.name)
    if check is not None:
        try:
            check(value)
        except ValueError as error:
            problems += [f"{setting.name} is not usable: {problem}" for problem in error.args]
            return setting.kind.parse(default)
    return value


def _service_bus(settings: Settings, environment: Mapping[str, str]) -> Iterator[str]:
    """What the settings that lead to Service Bus can get wrong together."""
    if not environment.get(CONNECTION, "").strip() and not environment.get(NAMESPACE, "").strip():
        yield f"{CONNECTION} is missing: give a connection string (local), or {NAMESPACE} (in Azure)"
    if settings.connection_string and settings.namespace:
        yield f"{CONNECTION} and {NAMESPACE} are both given: keep one of them"
    if settings.namespace and settings.journal_url.startswith("sqlite:"):
        yield (
            "JOURNAL_URL is a file, which is no shared record: where Service Bus is reached by identity, "
            "give https://ACCOUNT.table.SUFFIX/TABLE"
        )
    if settings.user_offboarding_queue and settings.user_offboarding_queue == settings.device_retirement_queue:
        yield "USER_OFFBOARDING_QUEUE and DEVICE_RETIREMENT_QUEUE name the same queue: give each event its own"


def _together(settings: Settings) -> Iterator[str]:
    """What only several of the other settings together can get wrong."""
    if settings.journal_retention <= settings.message_max_age + settings.retry_give_up_after:
        yield (
            "JOURNAL_RETENTION is not longer than MESSAGE_MAX_AGE and RETRY_GIVE_UP_AFTER together: make it longer, "
            "or a message could come back after its record is gone"
        )
    if settings.retry_first_delay > settings.retry_max_delay:
        yield "RETRY_FIRST_DELAY is longer than RETRY_MAX_DELAY: make it the shorter one"


def _misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """Names that are a setting's but for a slip: a misspelt DRY_RUN must not mean live, nor PROTECTED_USER that nobody is."""
    for name in environment:
        meant = misspelling.meant(name, NAMES)
        if meant is not None:
            yield f"{name} is not a setting: did you mean {meant}?"
