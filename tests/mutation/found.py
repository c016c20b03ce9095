"""What a run of mutmut left in `mutants/`: how each change of the code ended, by module, and which ones no test noticed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files
from mutmut.utils.format_utils import get_module_from_key, orig_function_and_class_names_from_key

NOTICED = ("killed", "timeout")
"""A test failed, or ran on without end."""
NO_TESTS = "no tests"
"""None came by."""


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One change: in which function, such as `shared.domain.plan.compare`, and the lines that differ, before and after."""

    function: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Module:
    """How one module's changes ended, in mutmut's words, by mutmut's name for each; those that were tried."""

    path: Path
    ended: Mapping[str, str]

    @property
    def survivors(self) -> Mapping[str, Change]:
        """Those that no test noticed."""
        return {name: _change(name, self.path) for name, end in self.ended.items() if end not in NOTICED}

    @property
    def noticed(self) -> int:
        """How many were."""
        return sum(end in NOTICED for end in self.ended.values())


def modules() -> Iterator[Module]:
    """Every module of which changes were tried, in order. To be called in the folder that has `mutants/`."""
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        ended = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items() if code is not None}
        if ended:
            yield Module(path, ended)


def _change(name: str, path: Path) -> Change:
    function, within = orig_function_and_class_names_from_key(name)
    lines = get_diff_for_mutant(name, path=path).splitlines()[2:]
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign) and line[1:].strip()) for sign in "-+"
    )
    return Change(".".join(filter(None, (get_module_from_key(name), within, function))), before, after)
