"""The settings of a start: read, checked by the adapters that they are for, told to the log. Loads nothing else."""

import logging
from collections.abc import Mapping
from typing import Final

from shared import mapping_file
from shared.graph import clouds
from shared.journal import location
from shared.settings import reading
from shared.settings.fields import Settings

CHECKS: Final[Mapping[str, reading.Check]] = {
    "GRAPH_ENDPOINT": clouds.at,
    "JOURNAL_URL": location.parse,
    "MAPPING_FILE": mapping_file.decoder,
}
"""What the adapters know of the settings that are for them."""

_log: Final = logging.getLogger(__name__)


def load(environment: Mapping[str, str], *, service_bus: bool = True) -> Settings:
    """The settings. Raises SettingsError with every problem at once. `service_bus` is reading.load's."""
    return reading.load(environment, CHECKS, service_bus=service_bus)


def hush() -> None:
    """Keep the libraries' loggers from saying what is personal, or secret."""
    for name in ("azure", "httpx", "httpcore"):  # their INFO lines hold whole URLs, which can name users
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("azure.identity").setLevel(logging.ERROR)  # warns with the body of an answer that is no token


def begin(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of a service that starts, by default in this process's environment; the libraries' loggers are hushed."""
    if environment is None:
        environment = reading.process_environment()
    settings = load(environment)
    hush()
    _log.info(
        "service.configured dry_run=%s graph=%s queues=%s,%s topic=%s",
        settings.dry_run,
        settings.graph_endpoint,
        settings.user_offboarding_queue,
        settings.device_retirement_queue,
        settings.outcomes_topic,
    )
    return settings
