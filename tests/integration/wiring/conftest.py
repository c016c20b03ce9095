import logging
from collections.abc import Iterator

import pytest

from emulators.identity.emulator import IdentityEmulator

LOGGERS = ("azure", "azure.identity", "httpx", "httpcore")


@pytest.fixture(autouse=True)
def usual_levels() -> Iterator[None]:
    """The libraries' loggers as they are before anything was built, and as they were."""
    levels = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.INFO)
    yield
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityEmulator]:
    """The endpoint that this process' identity has."""
    with IdentityEmulator() as endpoint:
        for name, value in endpoint.environment.items():
            monkeypatch.setenv(name, value)
        yield endpoint
