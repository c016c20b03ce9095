"""The command as somebody calls it, on emulated services."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli import main
from cli.demo import tenant
from cli.parts import LocalParts
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, Tenant
from emulators.identity.emulator import IdentityEmulator
from shared.settings import reading
from shared.settings.fields import TABLE
from tests.integration.cli import surgery as doctors
from tests.integration.cli.desk import ADELE, D1, D2, Desk

type Offboard = Callable[..., Result]


@pytest.fixture(scope="module")
def parts() -> Iterator[LocalParts]:
    with LocalParts(tenant.build()) as parts:
        yield parts


@pytest.fixture
def settings(parts: LocalParts, tmp_path: Path) -> dict[str, str]:
    return parts.environment(tmp_path / "journal.sqlite3")


@pytest.fixture
def offboard(settings: dict[str, str]) -> Offboard:
    """`offboard("send", "--user", …)`, with the settings that lead to the parts, and nothing else of ours around."""

    def call(*arguments: str, typed: str | bytes = "", settings: Mapping[str, str] = settings) -> Result:
        others = {each.name for each in TABLE.values()} & reading.process_environment().keys()
        environment = dict(itertools.chain(((name, None) for name in others), settings.items()))
        return CliRunner().invoke(main.app, arguments, input=typed, env=environment)

    return call


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    devices = [
        Device(id=each, serial_number=f"S-{each[:4]}", user_principal_name=ADELE, resource_name="r")
        for each in (D1, D2)
    ]
    with GraphEmulator(Tenant(devices), strict=True) as graph, IdentityEmulator() as identity:
        yield Desk(graph, identity, tmp_path / "journal.sqlite3")


@pytest.fixture
def surgery(tmp_path: Path) -> Iterator[doctors.Surgery]:
    with doctors.opened(tmp_path) as surgery:
        yield surgery
