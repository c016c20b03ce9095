"""What makes the service hard to get into: identities in place of keys, TLS, nothing open to the public. Each value is fixed here.

Every resource of a type is looked at, so that a second one can't be softer than the first.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from infra.checks import bicep
from infra.checks.bicep_declarations import Document
from infra.checks.bicep_values import Choice, Expression, Value

_MUST: Final[Mapping[str, Mapping[str, Value]]] = {
    "Microsoft.ServiceBus/namespaces": {
        "properties.disableLocalAuth": True,
        "properties.minimumTlsVersion": "1.2",
        "properties.publicNetworkAccess": Expression("publicNetworkAccess"),
    },
    "Microsoft.Storage/storageAccounts": {
        "properties.allowSharedKeyAccess": False,
        "properties.defaultToOAuthAuthentication": True,
        "properties.allowBlobPublicAccess": False,
        "properties.allowCrossTenantReplication": False,
        "properties.minimumTlsVersion": "TLS1_2",
        "properties.supportsHttpsTrafficOnly": True,
        "properties.publicNetworkAccess": Expression("publicNetworkAccess"),
        "properties.networkAcls.defaultAction": Choice(["Deny", "Allow"], "publicNetworkAccess == 'Disabled'"),
    },
    "Microsoft.Storage/storageAccounts/blobServices/containers": {"properties.publicAccess": "None"},
    "Microsoft.OperationalInsights/workspaces": {"properties.features.disableLocalAuth": True},
    "Microsoft.Insights/components": {"properties.DisableLocalAuth": True},
    "Microsoft.Web/sites": {
        "identity.type": "UserAssigned",
        "properties.httpsOnly": True,
        "properties.siteConfig.ftpsState": "Disabled",
        "properties.siteConfig.minTlsVersion": "1.2",
        "properties.functionAppConfig.deployment.storage.authentication.type": "UserAssignedIdentity",
    },
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": {"properties.allow": False},
}
"""By type, and by the path in the resource's body."""
_NAMED: Final = {("Microsoft.Web/sites/basicPublishingCredentialsPolicies", name) for name in ("scm", "ftp")}
"""What must be there under this name."""
_NEVER: Final = "authorizationrules"
"""A rule of a namespace, queue or topic is a key."""
_SECURE: Final = (("main.bicep", "settings"), ("modules/function-app.bicep", "chosenSettings"))
"""Parameters that stay out of the deployment history: settings name people."""


def check(root: Path) -> list[str]:
    """Everything in a folder that is softer than it must be."""
    documents = [bicep.read(path) for path in bicep.files(root)]
    return [
        *(problem for document in documents for problem in _document(document)),
        *_missing(documents),
        *_readable(root),
    ]


def _document(document: Document) -> Iterator[str]:
    for resource in document.resources.values():
        where = f"{document.path.name}:{resource.line} {resource.symbol}"
        if resource.type.lower().endswith(_NEVER):
            yield f"{where}: a key, where whoever comes has an identity"
        for path, wanted in ({} if resource.existing else _MUST.get(resource.type, {})).items():
            if _at(resource.body, path) != wanted:
                yield f"{where}: {path} is {_at(resource.body, path)!r}, must be {wanted!r}"


def _at(body: Value, path: str) -> Value:
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def _missing(documents: list[Document]) -> Iterator[str]:
    resources = [resource for document in documents for resource in document.resources.values()]
    types = {resource.type for resource in resources if not resource.existing}
    yield from (f"there is no {type_}" for type_ in sorted(_MUST.keys() - types))
    named = {(resource.type, resource.body.get("name")) for resource in resources if resource.type in dict(_NAMED)}
    yield from (f"there is no {type_} of the name {name!r}" for type_, name in sorted(_NAMED - named))


def _readable(root: Path) -> Iterator[str]:
    for file, name in _SECURE:
        if not bicep.read(root / file).parameters[name].secure:
            yield f"{file}: {name} is not @secure(): its values would stay readable in the deployment history"
