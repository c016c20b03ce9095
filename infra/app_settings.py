"""The app settings in Azure, written from the settings themselves: defaults for Bicep, and choices for azd.

`python -m infra.app_settings` writes `modules/settings.bicep` and the `settings` of `main.parameters.json`; a check holds both
equal to this.
"""

import json
from pathlib import Path
from typing import Final

from shared.settings.fields import TABLE, Setting

ROOT: Final = Path(__file__).parent
LOCAL_ONLY: Final = frozenset({"ServiceBusConnection"})
"""A connection string holds a key, and the namespace takes none."""
FROM_RESOURCES: Final = frozenset(
    {
        "ServiceBusConnection__fullyQualifiedNamespace",
        "ServiceBusConnection__credential",
        "ServiceBusConnection__clientId",
        "USER_OFFBOARDING_QUEUE",
        "DEVICE_RETIREMENT_QUEUE",
        "VERIFICATION_QUEUE",
        "OUTCOMES_TOPIC",
        "MAX_DELIVERY_COUNT",
        "AZURE_CLIENT_ID",
        "JOURNAL_URL",
    }
)
"""What modules/function-app.bicep sets from what is deployed, or from servicebus.json; nobody chooses these."""
SAFER: Final = {"DRY_RUN": "true"}
"""Where the first deployment is more careful than the code's own default."""
_HEAD: Final = """\
// Written by `make docs` from shared/settings/fields.py, and held equal to it by a check: the defaults of what can be chosen.
// Empty means absent. Choose others by the parameter `settings`: with azd, `azd env set NAME VALUE`, then `azd provision`.
@description('App settings by name, as they are where nobody chose.')
@export()
var defaults = {
"""


def chosen() -> dict[str, str]:
    """The settings that an operator may choose, with their defaults in Azure, in the order of the documentation."""
    given = (setting for setting in TABLE.values() if setting.name not in LOCAL_ONLY | FROM_RESOURCES)
    return {setting.name: SAFER.get(setting.name, setting.default or "") for setting in given}


def bicep() -> str:
    """`modules/settings.bicep`."""
    about = {setting.name: setting for setting in TABLE.values()}
    lines = [f"  {name}: '{default}' // {_why(about[name])}\n" for name, default in chosen().items()]
    return f"{_HEAD}{''.join(lines)}}}\n"


def parameters(text: str) -> str:
    """`main.parameters.json` with its settings brought up to date; azd puts its environment's values in place of `${...}`."""
    document = json.loads(text)
    document["parameters"]["settings"] = {
        "value": {name: f"${{{name}{f'={default}' if default else ''}}}" for name, default in chosen().items()}
    }
    return json.dumps(document, indent=2) + "\n"


def _why(setting: Setting) -> str:
    safer = "; true until you say otherwise" if setting.name in SAFER else ""
    return f"{setting.purpose.replace('`', '')}: {setting.kind.form}{safer}"


def main() -> None:
    """Write both."""
    (ROOT / "modules" / "settings.bicep").write_text(bicep(), encoding="utf-8")
    file = ROOT / "main.parameters.json"
    file.write_text(parameters(file.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
