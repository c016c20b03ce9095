"""What holds for all tests: a property may take as long as a loaded machine needs, and no log holds anything personal."""

from hypothesis import HealthCheck, settings

from tests.quiet import pytest_runtest_makereport, quiet, watch

__all__ = ["pytest_runtest_makereport", "quiet", "watch"]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("patient"), derandomize=True, database=None)
settings.load_profile("patient")
