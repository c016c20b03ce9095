"""Two sites that tests share, one to be had for a test alone, and no log of any that names anybody."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.e2e.people import PRIVATE
from tests.e2e.site import Site, usual_parts
from tests.personal import personal


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


def nobody_is_named(site: Site) -> None:
    """Neither names nor serial numbers nor bodies nor tokens nor keys are in the log."""
    log = site.log.read_text(encoding="utf-8", errors="replace")
    identity = site.parts.identity.header
    for secret in (PRIVATE, "eyJ", identity, "SharedAccessKey", "0123456789abcdef"):
        assert secret.casefold() not in log.casefold()
    assert personal(log) == []


@pytest.fixture(scope="session")
def usual_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as site:
        site.start_warm_host()
        yield site
        nobody_is_named(site)


@pytest.fixture
def site(usual_site: Site) -> Iterator[Site]:
    """The usual settings; its list of devices is read once and is stale ever after."""
    yield usual_site
    usual_site.recover()


@pytest.fixture(scope="session")
def allowing_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("allowing")
    with Site(folder, ALLOW_RESOURCE_ACCOUNT_UNASSIGN="true", RESOLVE_USERS="true", DIRECTORY_MAX_AGE="1s") as site:
        site.start_warm_host()
        yield site
        nobody_is_named(site)


@pytest.fixture
def allowing(allowing_site: Site) -> Iterator[Site]:
    """All that is off by default is on; the list is a second old at most."""
    yield allowing_site
    allowing_site.recover()


type OwnSite = Callable[..., Site]


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[OwnSite]:
    """`own_site(SETTING="value")`: a site for this test alone, no host started."""
    with ExitStack() as stack:

        def create(*, clears_after: timedelta = timedelta(0), **settings: str) -> Site:
            site = stack.enter_context(Site(tmp_path, parts=usual_parts(clears_after), **settings))
            stack.callback(nobody_is_named, site)
            return site

        yield create
