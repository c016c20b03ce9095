"""The infrastructure as it is passes every check."""

from pathlib import Path

import pytest

from infra.checks.__main__ import CHECKS
from tests.infra.conftest import available

INFRA = Path(__file__).parents[2] / "infra"


@pytest.mark.parametrize("name", list(CHECKS))
def test_the_infrastructure_has_no_problem(name: str) -> None:
    assert available(CHECKS[name])(INFRA) == []
