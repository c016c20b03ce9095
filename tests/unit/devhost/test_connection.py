import pytest

from devhost import connection, errors

LOCAL = "Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true;"


async def test_a_connection_string_names_the_namespace() -> None:
    made = connection.connect("Bus", {"Bus": LOCAL})

    assert made.client.fully_qualified_namespace == "127.0.0.1:5672"
    await made.close()


@pytest.mark.parametrize("credential", ["managedidentity", ""])
async def test_a_namespace_is_reached_by_identity(credential: str) -> None:
    environment = {
        "Bus__fullyQualifiedNamespace": "ns.servicebus.windows.net",
        "Bus__credential": credential,
        "Bus__clientId": "00000000-0000-4000-8000-000000000001",
    }

    made = connection.connect("Bus", environment)

    assert made.client.fully_qualified_namespace == "ns.servicebus.windows.net"
    await made.close()


def test_every_connection_that_is_missing_is_reported_once() -> None:
    problems = connection.problems(["B", "A", "B", "C"], {"C": LOCAL})

    assert [problem.split()[1] for problem in problems] == ["A", "B"]


def test_a_kind_of_credential_that_nobody_knows_is_refused() -> None:
    environment = {"Bus__fullyQualifiedNamespace": "ns.servicebus.windows.net", "Bus__credential": "password"}

    with pytest.raises(errors.InvalidConfiguration, match="Bus__credential must be managedidentity"):
        connection.connect("Bus", environment)


def test_a_broken_connection_string_is_refused_without_quoting_it() -> None:
    with pytest.raises(errors.InvalidConfiguration) as raised:
        connection.connect("Bus", {"Bus": "Endpoint=sb://x;SharedAccessKey=geheim"})

    assert "geheim" not in str(raised.value)
    assert "Bus is not a Service Bus connection string" in str(raised.value)
