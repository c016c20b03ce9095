"""A journal in a file, put out of the reach of everybody who has it open, and of whoever comes."""

from tests.e2e.site import Site


class Breakable:
    """A journal that can be put out of reach: a folder lies where its file should be."""

    def __init__(self, site: Site) -> None:
        self._journal, self._aside = site.journal, site.folder / "aside"

    def take_away(self, *_: object) -> None:
        self._journal.rename(self._aside)
        self._journal.mkdir()

    def bring_back(self) -> None:
        if self._aside.exists():
            self._journal.rmdir()
            self._aside.rename(self._journal)
