"""The settings of an environment: their defaults, and all that is wrong with them at once."""

import os
from collections.abc import Mapping
from datetime import timedelta

import pytest

from shared.settings import fields, reading
from shared.settings.fields import Settings
from shared.settings.reading import SettingsError

LOCAL = {
    "ServiceBusConnection": "Endpoint=sb://127.0.0.1;SharedAccessKeyName=n;SharedAccessKey=k;UseDevelopmentEmulator=true",
    "USER_OFFBOARDING_QUEUE": "user-offboarding",
    "DEVICE_RETIREMENT_QUEUE": "device-retirement",
    "VERIFICATION_QUEUE": "unassignment-verification",
    "OUTCOMES_TOPIC": "unassignment-outcomes",
}
AZURE = {
    **{name: value for name, value in LOCAL.items() if name != "ServiceBusConnection"},
    "ServiceBusConnection__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
    "ServiceBusConnection__credential": "managedidentity",
    "JOURNAL_URL": "https://account.table.core.windows.net/journal",
}


def load(environment: Mapping[str, str], **checks: reading.Check) -> Settings:
    return reading.load(environment, checks)


def problems(environment: Mapping[str, str], **checks: reading.Check) -> list[str]:
    with pytest.raises(SettingsError) as refusal:
        load(environment, **checks)
    return refusal.value.problems


@pytest.mark.parametrize("environment", [LOCAL, AZURE], ids=["local", "Azure"])
def test_the_required_settings_are_enough(environment: Mapping[str, str]) -> None:
    settings = load(environment)

    assert (settings.dry_run, settings.resolve_users, settings.allow_resource_account_unassign) == (False,) * 3
    assert (settings.max_delivery_count, settings.max_devices_per_user, settings.retry_max_attempts) == (10, 10, 300)
    assert (settings.retry_first_delay, settings.retry_max_delay) == (timedelta(seconds=10), timedelta(minutes=15))
    assert (settings.retry_give_up_after, settings.message_max_age) == (timedelta(hours=24), timedelta(days=7))
    assert (settings.directory_max_age, settings.verify_after) == (timedelta(seconds=60), timedelta(minutes=10))
    assert settings.graph_endpoint == "https://graph.microsoft.com"
    assert settings.protected_users == ()


def test_every_default_is_written_as_its_kind_wants_it() -> None:
    for setting in fields.TABLE.values():
        if setting.default is not None:
            setting.kind.parse(setting.default)


def test_a_given_value_is_read_without_its_surrounding_space() -> None:
    settings = load(
        {**LOCAL, "DRY_RUN": " true ", "PROTECTED_USERS": "ceo@*, *@board.contoso.com", "VERIFY_AFTER": "5m"}
    )

    assert settings.dry_run is True
    assert settings.protected_users == ("ceo@*", "*@board.contoso.com")
    assert settings.verify_after == timedelta(minutes=5)


def test_an_empty_value_counts_as_absent() -> None:
    assert load({**LOCAL, "MAX_DELIVERY_COUNT": " "}).max_delivery_count == 10


def test_all_problems_are_told_at_once_in_one_block_without_a_value() -> None:
    environment = {
        "ServiceBusConnection": "SharedAccessKey=geheim",
        "DRY_RUN": "geheim",
        "RETRY_MAX_DELAY": "geheim",
        "MAX_DEVICES_PER_USER": "0",
        "OUTCOMES_TOPIC": "  ",
        "dry_run": "true",
    }

    with pytest.raises(SettingsError) as refusal:
        load(environment)

    told = str(refusal.value)
    assert told.splitlines()[0] == f"{len(refusal.value.problems)} settings need mending:"
    for name in (*environment, "USER_OFFBOARDING_QUEUE", "DEVICE_RETIREMENT_QUEUE"):
        assert f"\n  {name} is " in told
    assert "geheim" not in told
    assert "give true or false" in told


@pytest.mark.parametrize("name", ["LOG_HASH_KEY", "PROTECTED_USERS", "USER_OFFBOARDING_QUEUE"])
def test_a_reference_that_nobody_resolved_is_no_value(name: str) -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://geheim.vault.azure.net/secrets/geheim)"

    [problem] = problems({**LOCAL, name: reference})

    assert problem.startswith(f"{name} is a reference that was not resolved: ")
    assert "geheim" not in problem


def test_one_problem_is_told_as_one() -> None:
    with pytest.raises(SettingsError) as refusal:
        load({**LOCAL, "DRY_RUN": "maybe"})

    assert str(refusal.value).startswith("one setting needs mending:\n  DRY_RUN is neither true nor false")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param({"ServiceBusConnection": ""}, "ServiceBusConnection is missing", id="no Service Bus"),
        pytest.param(
            {"ServiceBusConnection__fullyQualifiedNamespace": "c.servicebus.windows.net", "JOURNAL_URL": "https://x"},
            "are both given",
            id="Service Bus twice",
        ),
        pytest.param(
            {"ServiceBusConnection": "", "ServiceBusConnection__fullyQualifiedNamespace": "c.servicebus.windows.net"},
            "JOURNAL_URL is a file",
            id="a file as the journal of several instances",
        ),
        pytest.param(
            {"JOURNAL_RETENTION": "8d"},
            "JOURNAL_RETENTION is not longer than MESSAGE_MAX_AGE and RETRY_GIVE_UP_AFTER together: make it longer",
            id="a record that goes before its message does",
        ),
        pytest.param({"RETRY_FIRST_DELAY": "1h"}, "RETRY_FIRST_DELAY is longer", id="first delay beyond the longest"),
        pytest.param({"DryRun": "true"}, "DryRun is not a setting: did you mean DRY_RUN?", id="another case, no _"),
        pytest.param({"DRY-RUN": "true"}, "did you mean DRY_RUN?", id="a hyphen"),
        pytest.param({"PROTECTED_USER": "ceo@*"}, "did you mean PROTECTED_USERS?", id="a letter too few"),
        pytest.param({"MAX_DELIVERY_COUNT": "0"}, "MAX_DELIVERY_COUNT is not a number", id="out of bounds"),
        pytest.param({"LOG_HASH_KEY": "short"}, "LOG_HASH_KEY is too short", id="a weak key"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(change: dict[str, str], told: str) -> None:
    (problem,) = problems({**LOCAL, **change})

    assert told in problem


def test_what_never_goes_to_service_bus_needs_no_setting_that_leads_there() -> None:
    settings = reading.load({"PROTECTED_USERS": "ceo@*"}, {}, service_bus=False)

    assert settings.user_offboarding_queue == settings.outcomes_topic == settings.connection_string == ""
    assert settings.protected_users == ("ceo@*",)


def test_a_file_as_the_journal_is_no_problem_of_what_never_goes_to_service_bus() -> None:
    environment = {"ServiceBusConnection__fullyQualifiedNamespace": "c.servicebus.windows.net"}

    reading.load(environment, {}, service_bus=False)


@pytest.mark.parametrize(
    "change", [{"OUTCOMES_TOPIC": "-"}, {"DRYRUN": "1"}, {"DRY_RUN": "maybe"}, {"RETRY_FIRST_DELAY": "1h"}]
)
def test_what_is_given_must_be_right_also_without_service_bus(change: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        reading.load(change, {}, service_bus=False)


def test_who_goes_on_gets_the_default_in_place_of_what_is_wrong_or_missing() -> None:
    def refuse(value: str) -> None:
        raise ValueError("no such cloud")

    given = {**LOCAL, "DRY_RUN": "maybe", "OUTCOMES_TOPIC": "", "GRAPH_ENDPOINT": "http://elsewhere"}
    settings, found = reading.examine(given, {"GRAPH_ENDPOINT": refuse})

    assert [problem.split()[0] for problem in found] == ["OUTCOMES_TOPIC", "GRAPH_ENDPOINT", "DRY_RUN"]
    assert (settings.dry_run, settings.outcomes_topic) == (False, "")
    assert settings.graph_endpoint == "https://graph.microsoft.com"
    assert settings.user_offboarding_queue == "user-offboarding"


def test_an_adapters_check_is_told_among_the_others() -> None:
    def refuse(value: str) -> None:
        raise ValueError("no such cloud")

    assert problems({**LOCAL, "DRY_RUN": "maybe"}, GRAPH_ENDPOINT=refuse) == [
        "GRAPH_ENDPOINT is not usable: no such cloud",
        "DRY_RUN is neither true nor false: give true or false",
    ]


def test_an_adapters_check_sees_the_value_and_may_accept_it() -> None:
    seen: list[str] = []

    load(LOCAL, GRAPH_ENDPOINT=seen.append)

    assert seen == ["https://graph.microsoft.com"]


def test_the_process_environment_is_handed_on_as_it_is() -> None:
    assert reading.process_environment() is os.environ  # noqa: TID251 - the same mapping, not a copy of it
