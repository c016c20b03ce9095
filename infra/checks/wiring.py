"""What is passed on, where another symbol would compile as well: whose identity, which address, open or closed, granted or not.

Each of these lines is written down a second time here, so that whoever changes one has to say so twice.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from infra.checks import bicep, settings
from infra.checks.bicep_values import Call, Choice, Expression, Value

_MAIN: Final = "main.bicep"
_APP: Final = Expression("identity.outputs.principalId")
_PRODUCER: Final = Choice([Expression("producer!.outputs.principalId"), ""], "producerIdentity")
_OPERATOR: Final = Expression("operatorPrincipalId")
_ACCESS: Final = Choice(["Disabled", "Enabled"], "privateNetworking")
_WORKSPACE: Final = Expression("monitoring.outputs.workspaceId")
_CLIENT: Final = Expression("identityClientId")

_PASSED: Final[Mapping[tuple[str, str], Value]] = {
    ("monitoring", "publisherPrincipalId"): _APP,
    ("serviceBus", "appPrincipalId"): _APP,
    ("serviceBus", "producerPrincipalId"): _PRODUCER,
    ("serviceBus", "operatorPrincipalId"): _OPERATOR,
    ("storage", "appPrincipalId"): _APP,
    ("storage", "operatorPrincipalId"): _OPERATOR,
    ("graphPermission", "principalId"): _APP,
    ("serviceBus", "publicNetworkAccess"): _ACCESS,
    ("storage", "publicNetworkAccess"): _ACCESS,
    ("serviceBus", "workspaceId"): _WORKSPACE,
    ("alerts", "workspaceId"): _WORKSPACE,
    ("workbook", "workspaceId"): _WORKSPACE,
    ("alerts", "namespaceId"): Expression("serviceBus.outputs.id"),
    ("network", "namespaceId"): Expression("serviceBus.outputs.id"),
    ("network", "storageId"): Expression("storage.outputs.id"),
    ("functionApp", "identityId"): Expression("identity.outputs.id"),
    ("functionApp", "identityClientId"): Expression("identity.outputs.clientId"),
    ("functionApp", "serviceBusHost"): Expression("serviceBus.outputs.host"),
    ("functionApp", "storageName"): Expression("storage.outputs.name"),
    ("functionApp", "packageContainerUrl"): Expression("storage.outputs.packageContainerUrl"),
    ("functionApp", "journalUrl"): Expression("storage.outputs.journalUrl"),
    ("functionApp", "applicationInsightsConnectionString"): Expression("monitoring.outputs.connectionString"),
    ("functionApp", "subnetId"): Choice([Expression("network!.outputs.appSubnetId"), ""], "privateNetworking"),
    ("functionApp", "chosenSettings"): Expression("settings"),
}
"""By module and parameter of main.bicep."""
_OUTPUTS: Final[Mapping[tuple[str, str], Value]] = {
    (_MAIN, "AZURE_FUNCTION_APP"): Expression("functionApp.outputs.name"),
    (_MAIN, "APP_PRINCIPAL_ID"): _APP,
    (_MAIN, "PRODUCER_CLIENT_ID"): Choice([Expression("producer!.outputs.clientId"), ""], "producerIdentity"),
    (_MAIN, "ServiceBusConnection__fullyQualifiedNamespace"): Expression("serviceBus.outputs.host"),
    (_MAIN, "JOURNAL_URL"): Expression("storage.outputs.journalUrl"),
    ("modules/identity.bicep", "id"): Expression("identity.id"),
    ("modules/identity.bicep", "clientId"): Expression("identity.properties.clientId"),
    ("modules/identity.bicep", "principalId"): Expression("identity.properties.principalId"),
    ("modules/storage.bicep", "packageContainerUrl"): Expression(
        "'${account.properties.primaryEndpoints.blob}${packages.name}'"
    ),
    ("modules/storage.bicep", "journalUrl"): Expression(
        "'${account.properties.primaryEndpoints.table}${journal.name}'"
    ),
}
_SETTINGS: Final[Mapping[str, Value]] = {
    "ServiceBusConnection__fullyQualifiedNamespace": Expression("serviceBusHost"),
    "ServiceBusConnection__credential": "managedidentity",
    "ServiceBusConnection__clientId": _CLIENT,
    "MAX_DELIVERY_COUNT": Call("string", [Expression("namespace.Queues[0].Properties.MaxDeliveryCount")]),
    "AZURE_CLIENT_ID": _CLIENT,
    "JOURNAL_URL": Expression("journalUrl"),
    "AzureWebJobsStorage__accountName": Expression("storageName"),
    "AzureWebJobsStorage__credential": "managedidentity",
    "AzureWebJobsStorage__clientId": _CLIENT,
    "APPLICATIONINSIGHTS_CONNECTION_STRING": Expression("applicationInsightsConnectionString"),
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": Expression("'Authorization=AAD;ClientId=${identityClientId}'"),
}
"""The app settings that lead to an identity, an address or a number of the queues."""
_CONDITIONS: Final = {
    "producer": "(producerIdentity)",
    "network": "(privateNetworking)",
    "graphPermission": "(grantGraphPermission)",
}


def check(root: Path) -> list[str]:
    """Everything in a folder that is passed on otherwise than it should."""
    return [*_modules(root), *_outputs(root), *_settings(root)]


def _modules(root: Path) -> Iterator[str]:
    modules = bicep.read(root / _MAIN).modules
    passed = {
        (name, key): each for name, module in modules.items() for key, each in module.body.get("params", {}).items()
    }
    for where, expected in _PASSED.items():
        if passed.get(where) != expected:
            yield f"{_MAIN}: {'.'.join(where)} is not {_said(expected)}"
    for name, key in passed.keys() - _PASSED.keys():
        if key.lower().endswith("principalid"):
            yield f"{_MAIN}: {name}.{key}: nobody knows whom this is to be"
    for name, module in modules.items():
        if module.condition != _CONDITIONS.get(name, ""):
            yield f"{_MAIN}: {name} is not made on the condition {_CONDITIONS.get(name, '')!r}"


def _outputs(root: Path) -> Iterator[str]:
    for (file, name), expected in _OUTPUTS.items():
        output = bicep.read(root / file).outputs.get(name)
        if output is None or output.value != expected:
            yield f"{file}: the output {name} is not {_said(expected)}"


def _settings(root: Path) -> Iterator[str]:
    given = settings.from_resources(root)
    for name, expected in _SETTINGS.items():
        if given.get(name) != expected:
            yield f"modules/function-app.bicep: {name} is not {_said(expected)}"


def _said(expected: Value) -> str:
    match expected:
        case Expression(text):
            return text
        case Choice([first, second], condition):
            return f"{condition} ? {_said(first)} : {_said(second)}"
        case Call(name, arguments):
            return f"{name}({', '.join(map(_said, arguments))})"
        case _:
            return repr(expected)
