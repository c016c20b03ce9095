import pytest

from shared.domain.identifiers import NO_ID, is_no_id, is_placeholder_serial_number, same


@pytest.mark.parametrize(
    ("left", "right"),
    [("a@contoso.com", "A@Contoso.COM"), (" a@contoso.com ", "a@contoso.com"), ("STRASSE", "straße")],
)
def test_identifiers_that_differ_in_case_or_space_are_the_same(left: str, right: str) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(None, None, id="both missing"),
        pytest.param("", "", id="both empty"),
        pytest.param("  ", "", id="blank and empty"),
        pytest.param(None, "a", id="one missing"),
        pytest.param("a", None, id="the other missing"),
        pytest.param("a@contoso.com", "aa@contoso.com", id="one contains the other"),
    ],
)
def test_rule_4_an_empty_or_merely_similar_key_never_matches(left: str | None, right: str | None) -> None:
    assert not same(left, right)


@pytest.mark.parametrize(
    "serial_number",
    [
        "To be filled by O.E.M.",
        "Default string",
        "System Serial Number",
        "0",
        "00000000",
        "XXXXXXX",
        "........",
        "   ",
        "None",
        "N/A",
        "0123456789",
        "123456789",
        "1234567890",
        "Chassis Serial Number",
        "Default",
        "Empty",
        "INVALID",
        "Not Applicable",
        "Not Available",
        "Not Specified",
        "NULL",
        "O.E.M.",
        "Serial Number",
        "S/N",
        "Unknown",
        "日本",
    ],
)
def test_rule_4_firmwares_filler_is_no_serial_number(serial_number: str) -> None:
    assert is_placeholder_serial_number(serial_number)


@pytest.mark.parametrize("serial_number", ["PF3XK7Q9", "5CD1234XYZ", "0000-0000-1000", "VMware-56 4d"])
def test_a_real_serial_number_is_no_placeholder(serial_number: str) -> None:
    assert not is_placeholder_serial_number(serial_number)


def test_the_all_zeros_id_names_nothing() -> None:
    assert is_no_id(f" {NO_ID} ")
    assert not is_no_id("6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11")


def test_the_id_that_stands_for_none_is_all_zeros() -> None:
    assert is_no_id("00000000-0000-0000-0000-000000000000")
    assert not is_no_id("00000000-0000-0000-0000-000000000001")
