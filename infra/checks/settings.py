"""The app settings in Bicep against those that the service reads, and against what is deployed beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from infra import app_settings
from infra.checks import bicep
from infra.checks.bicep_values import Call
from shared.settings.fields import NAMES, NAMESPACE, REQUIRED, TABLE

_APP: Final = "modules/function-app.bicep"
_DEFAULTS: Final = "modules/settings.bicep"
_MAIN: Final = "main.bicep"
_PARAMETERS: Final = "main.parameters.json"
_PLATFORM: Final = frozenset(
    {
        "AzureWebJobsStorage__accountName",
        "AzureWebJobsStorage__credential",
        "AzureWebJobsStorage__clientId",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY",
        "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
    }
)
"""What the Functions host and worker read."""


def check(root: Path) -> list[str]:
    """Every problem with the app settings in a folder."""
    return [*_generated(root), *_names(root), *_outputs(root)]


def from_resources(root: Path) -> dict[str, Any]:
    """The app settings that function-app.bicep itself sets, by name."""
    body = bicep.read(root / _APP).resources["appSettings"].body.get("properties")
    arguments = body.arguments if isinstance(body, Call) else []
    return {name: value for part in arguments if isinstance(part, dict) for name, value in part.items()}


def of_operators() -> set[str]:
    """The settings that the operator's command can't do without, and that only a deployment knows."""
    return {setting.name for setting in TABLE.values() if setting.default is REQUIRED} | {NAMESPACE, "JOURNAL_URL"}


def _outputs(root: Path) -> Iterator[str]:
    missing = of_operators() - bicep.read(root / _MAIN).outputs.keys()
    yield from (f"{_MAIN}: {name} is not put out, for the operator's command" for name in sorted(missing))


def _generated(root: Path) -> Iterator[str]:
    if (root / _DEFAULTS).read_text(encoding="utf-8") != app_settings.bicep():
        yield f"{_DEFAULTS}: differs from shared/settings/fields.py: run `make docs`"
    text = (root / _PARAMETERS).read_text(encoding="utf-8")
    if text != app_settings.parameters(text):
        yield f"{_PARAMETERS}: its settings differ from shared/settings/fields.py: run `make docs`"


def _names(root: Path) -> Iterator[str]:
    defaults = bicep.read(root / _DEFAULTS).variables.get("defaults")
    chosen = set(defaults) if isinstance(defaults, dict) else set()
    own = from_resources(root)
    needed = set(NAMES) - app_settings.LOCAL_ONLY
    yield from (f"{_APP}: the setting {name} is missing" for name in sorted(needed - chosen - set(own)))
    yield from (f"{_APP}: {name} is no setting" for name in sorted({*chosen, *own} - needed - _PLATFORM))
    yield from (f"{_APP}: {name} is set from resources and chosen too" for name in sorted(chosen & set(own)))
    if isinstance(defaults, dict) and defaults.get("DRY_RUN") != "true":
        yield f"{_DEFAULTS}: DRY_RUN must be true where nobody chose"
    if str(own.get("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "")).rstrip("')").endswith(";"):
        yield f"{_APP}: a semicolon at the end of APPLICATIONINSIGHTS_AUTHENTICATION_STRING breaks it"
