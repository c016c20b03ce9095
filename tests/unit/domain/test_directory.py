from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.identifiers import NO_ID, EntraDeviceId, ManagedDeviceId, SerialNumber, UserPrincipalName
from tests import builders, fakes

ENTRA, MANAGED = EntraDeviceId("e-1"), ManagedDeviceId("m-1")


def directory(*devices: AutopilotDevice) -> Directory:
    return Directory(devices, fakes.NOW)


def test_all_devices_of_a_user_are_found_case_aside_and_each_once() -> None:
    found = directory(
        builders.device("d1"), builders.device("d2", builders.LEAVER.upper()), builders.device("d3", "x@y")
    )

    names = (UserPrincipalName(builders.LEAVER), UserPrincipalName(f" {builders.LEAVER.title()}"))

    assert [each.autopilot_device_id for each in found.of_user(names)] == ["d1", "d2"]


def test_rule_4_an_empty_name_does_not_match_the_devices_without_a_user() -> None:
    found = directory(builders.device("d1", None), builders.device("d2", ""), builders.device("d3", "  "))

    assert found.of_user([UserPrincipalName(""), UserPrincipalName("  ")]) == []


def test_rule_4_a_serial_number_matches_as_a_whole() -> None:
    whole = builders.device("d1", serial_number="pf3xk7q9")
    found = directory(
        whole, builders.device("d2", serial_number="PF3XK7Q99"), builders.device("d3", serial_number=None)
    )

    assert found.with_serial_number(SerialNumber("PF3XK7Q9")) == [whole]
    assert found.with_serial_number(SerialNumber("")) == []


def test_a_device_is_found_by_its_entra_or_its_intune_id_and_not_by_each_others() -> None:
    one = builders.device("d1", entra_device_id=ENTRA, managed_device_id=MANAGED)
    found = directory(one, builders.device("d2"))

    assert found.with_entra_device_id(ENTRA) == [one]
    assert found.with_managed_device_id(MANAGED) == [one]
    assert found.with_entra_device_id(EntraDeviceId(MANAGED)) == []
    assert found.with_managed_device_id(ManagedDeviceId(ENTRA)) == []


def test_rule_4_the_all_zeros_id_finds_no_device_although_records_carry_it() -> None:
    zeros = builders.device("d1", entra_device_id=EntraDeviceId(NO_ID), managed_device_id=ManagedDeviceId(NO_ID))

    assert directory(zeros).with_entra_device_id(EntraDeviceId(NO_ID)) == []
    assert directory(zeros).with_managed_device_id(ManagedDeviceId(NO_ID)) == []


def test_rule_4_blank_keys_match_nothing_not_even_each_other() -> None:
    blank = builders.device("d1", serial_number=" ", entra_device_id=" ", managed_device_id="")
    found = directory(blank)

    assert found.with_serial_number(SerialNumber(" ")) == []
    assert found.with_entra_device_id(EntraDeviceId(" ")) == []
    assert found.with_managed_device_id(ManagedDeviceId("")) == []


def test_a_key_is_found_however_it_is_spelled_in_the_list_or_asked_for() -> None:
    one = builders.device("d1", serial_number="pf3 ", entra_device_id="E-1")
    found = directory(one)

    assert found.with_serial_number(SerialNumber("PF3")) == [one]
    assert found.with_entra_device_id(EntraDeviceId(" e-1")) == [one]
