import pytest

from shared.domain.errors import ProtectedDevice, ProtectedUser, TooManyDevices
from shared.domain.guard import Guard
from tests import builders


def guard(**fields: object) -> Guard:
    return Guard(**{"max_devices_per_user": 10, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("pattern", [builders.LEAVER.upper(), "leaver.*", "*@contoso.com", "*", "l*r.last*"])
def test_a_protected_user_is_refused(pattern: str) -> None:
    with pytest.raises(ProtectedUser) as refusal:
        guard(protected_users=[pattern]).check_user(["other@contoso.com", builders.LEAVER])

    assert str(refusal.value) == "the user is named in PROTECTED_USERS"


@pytest.mark.parametrize(
    "pattern", ["leaver", "leaver.lastnam?@contoso.com", "[l]eaver.lastname@contoso.com", "leaver.+", ""]
)
def test_in_a_pattern_only_the_star_is_special(pattern: str) -> None:
    guard(protected_users=[pattern]).check_user([builders.LEAVER])


def test_a_pattern_with_brackets_or_a_question_mark_matches_them_literally() -> None:
    with pytest.raises(ProtectedUser):
        guard(protected_users=["[vip]?*"]).check_user(["[VIP]? ceo"])


def test_an_empty_name_is_not_protected_even_by_a_star() -> None:
    guard(protected_users=["*"]).check_user(["", "  "])


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"protected_serial_numbers": ["pf3*"]}, id="serial number"),
        pytest.param({"protected_group_tags": ["KIOSK"]}, id="group tag"),
    ],
)
def test_a_protected_device_is_refused_without_naming_its_serial_number(fields: dict[str, object]) -> None:
    with pytest.raises(ProtectedDevice) as refusal:
        guard(**fields).check_devices([builders.device("d0", serial_number=None), builders.device(group_tag="kiosk")])

    assert "d1" in str(refusal.value)
    assert builders.SERIAL_NUMBER not in str(refusal.value)


def test_other_devices_pass() -> None:
    guard(protected_serial_numbers=["ZZ*"], protected_group_tags=["kiosk"]).check_devices([builders.device()])


def test_more_devices_than_the_limit_are_refused_and_as_many_are_not() -> None:
    guard(max_devices_per_user=2).check_number(2)
    with pytest.raises(TooManyDevices, match="3 devices"):
        guard(max_devices_per_user=2).check_number(3)
