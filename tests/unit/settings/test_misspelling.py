"""Which setting a mistyped name means."""

import pytest

from shared.settings import misspelling
from shared.settings.fields import TABLE

NAMES = tuple(setting.name for setting in TABLE.values())


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("PROTECTED_USER", "PROTECTED_USERS"),
        ("PROTECTED_GROUPTAG", "PROTECTED_GROUP_TAGS"),
        ("PROTECTED_SERIAL_NUMBER", "PROTECTED_SERIAL_NUMBERS"),
        ("PROTECTEDUSERS", "PROTECTED_USERS"),
        ("protected_users", "PROTECTED_USERS"),
        ("PROTECTED_USRES", "PROTECTED_USERS"),
        ("PROTECTED_USERZ", "PROTECTED_USERS"),
        ("PPROTECTED_USERS", "PROTECTED_USERS"),
        ("DRY_RUNS", "DRY_RUN"),
        ("DYR_RUN", "DRY_RUN"),
        ("RY_RUN", "DRY_RUN"),
        ("DRY-RUN", "DRY_RUN"),
        ("ServiceBusConection", "ServiceBusConnection"),
    ],
)
def test_one_slip_of_the_hand_is_seen_for_what_it_means(name: str, meant: str) -> None:
    assert misspelling.meant(name, NAMES) == meant


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "",
        "DRY",
        "DRY_FUN_RUN",
        "AZURE_TENANT_ID",
        "AZURE_CLIENT_SECRET",
        "IDENTITY_ENDPOINT",
        "ServiceBusConnection2",
        "PROTECTED_USERS_2",
        "FUNCTIONS_WORKER_RUNTIME",
        "WEBSITE_SITE_NAME",
    ],
)
def test_what_may_be_somebody_elses_is_none_of_ours(name: str) -> None:
    assert misspelling.meant(name, NAMES) is None


@pytest.mark.parametrize("name", NAMES)
def test_no_setting_is_taken_for_another(name: str) -> None:
    assert (misspelling.meant(name, NAMES), misspelling.alike(name, NAMES)) == (None, None)


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("PROTECTED_USERS_2", "PROTECTED_USERS"),
        ("PROTECT_USERS", "PROTECTED_USERS"),
        ("MAX_DEVICES_USER", "MAX_DEVICES_PER_USER"),
        ("BLAST_RADIUS_HOUR", "BLAST_RADIUS_PER_HOUR"),
        ("AZURE_TENANT_ID", None),
        ("AZURE_CLIENT_SECRET", None),
        ("IDENTITY_HEADER", None),
        ("AZURE_FUNCTIONS_ENVIRONMENT", None),
        ("APPSETTING_PROTECTED_SERIAL_NUMBERS", None),
    ],
)
def test_what_looks_like_a_setting_is_told_from_what_does_not(name: str, like: str | None) -> None:
    assert misspelling.alike(name, NAMES) == like


FIELDS = ("effectiveAt", "userPrincipalName", "dryRun", "reason", "ticket", "id")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("efectiveAt", "effectiveAt"),
        ("Effective Date", "effectiveAt"),
        ("userPrinciplaName", "userPrincipalName"),
        ("user principle nam", None),
        ("User Principle Name", "userPrincipalName"),
        ("Dry-Rn", "dryRun"),
        ("dryRnu", "dryRun"),
        ("dyRn", None),
        ("effective_at", None),
        ("ticket2", None),
        ("Name", None),
        ("ad", None),
        ("", None),
    ],
)
def test_a_long_name_may_have_two_slips_and_a_short_one_has_none(name: str, near: str | None) -> None:
    assert misspelling.near(name, FIELDS) == near
