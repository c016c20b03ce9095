import pytest

from shared.graph import asking


@pytest.mark.parametrize(
    ("name", "value"), [("client-request-id", "7f3c"), ("x-msft-approval-code", ""), ("Prefer", "a=b; c")]
)
def test_a_header_of_a_callers_own_is_taken(name: str, value: str) -> None:
    assert asking.checked(name, value) == (name, value)


@pytest.mark.parametrize("name", ["Authorization", "HOST", "cookie", "Content-Length", "transfer-encoding"])
def test_a_header_that_the_sign_in_or_the_connection_sets_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="set by the sign-in and the connection"):
        asking.checked(name, "x")


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "ä"])
def test_what_is_no_name_of_a_header_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a header's name"):
        asking.checked(name, "x")


@pytest.mark.parametrize("value", ["geheim\r\nAuthorization: x", "geheim\x00", "gehäim", "x" * 8193])
def test_a_value_that_could_be_more_than_one_is_refused_and_not_quoted(value: str) -> None:
    with pytest.raises(ValueError, match="must be printable ASCII") as refusal:
        asking.checked("x-a", value)

    assert value not in str(refusal.value)
