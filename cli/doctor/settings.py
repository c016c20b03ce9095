"""Whether the settings are there and right: the service's own reading of them, all problems at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cli.doctor import findings
from cli.doctor.findings import Finding
from shared import configuration
from shared.settings import misspelling, reading
from shared.settings.fields import NAMES, TABLE, Settings

_CHECK: Final = "settings"


@dataclass(frozen=True, slots=True)
class Examined:
    """The settings as far as they can be used, and what was found about them."""

    settings: Settings
    findings: Sequence[Finding]
    wrong: frozenset[str]

    def usable(self, name: str) -> bool:
        """Whether the setting of this name is given rightly, or rightly left out."""
        return name not in self.wrong


def check(environment: Mapping[str, str]) -> Examined:
    """Read them; never raises."""
    settings, problems = reading.examine(environment, configuration.CHECKS)
    found = [findings.fail(_CHECK, *_halves(problem), basic=True) for problem in problems]
    found += _suspicious(environment)
    if not problems:
        given = sum(1 for each in TABLE.values() if environment.get(each.name, "").strip())
        mode = "dry run: nothing is written to Graph" if settings.dry_run else "live"
        found.insert(0, findings.ok(_CHECK, f"{given} given, all right; {mode}"))
    return Examined(settings, found, frozenset(problem.split(" ", 1)[0] for problem in problems))


def _suspicious(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Names that the service takes for somebody else's, and that may be meant for it; those that are known to be are problems."""
    for name in environment:
        like = misspelling.alike(name, NAMES)
        if like is not None and misspelling.meant(name, NAMES) is None:
            yield findings.warn(
                _CHECK, f"{name} is not a setting, and looks like {like}", f"rename it if {like} is meant"
            )


def _halves(problem: str) -> tuple[str, str]:
    """What is wrong, and the mend, which comes after a colon wherever there is one."""
    text, _, mend = problem.partition(": ")
    return text, mend or "see the table of settings in README.md"
