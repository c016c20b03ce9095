import sys
from datetime import timedelta
from pathlib import Path

import pytest

from cli import upping
from cli.host_process import HostFailed, HostProcess, ending


def host(code: str, tmp_path: Path, *, patience: timedelta = timedelta(seconds=30)) -> HostProcess:
    """A process of this code instead of `offboard host`."""
    return HostProcess({}, tmp_path / "host.log", patience=patience, command=[sys.executable, "-c", code])


def test_what_it_prints_after_ready_blocks_nothing_and_goes_to_its_log(tmp_path: Path) -> None:
    chatty = host("print('ready', flush=True); print('x' * 1_000_000); print('done')", tmp_path)

    chatty.start()

    assert chatty.wait() == chatty.stop() == 0
    assert (tmp_path / "host.log").read_text(encoding="utf-8") == "x" * 1_000_000 + "\ndone\n"


def test_one_that_is_never_ready_is_given_up_and_ended(tmp_path: Path) -> None:
    mute = host("import time; time.sleep(60)", tmp_path, patience=timedelta(seconds=0.2))

    with pytest.raises(HostFailed, match=r"was not ready within 0\.2 s"):
        mute.start()

    assert mute.exit_code() == -9


def test_one_that_ends_before_it_is_ready_is_told_in_its_own_words(tmp_path: Path) -> None:
    with pytest.raises(HostFailed, match=r"(?s)ended \(exit code 3\).*no settings"):
        host("import sys; print('no settings', file=sys.stderr); sys.exit(3)", tmp_path).start()


def test_one_that_runs_has_no_exit_code_until_it_is_stopped(tmp_path: Path) -> None:
    with host("print('ready', flush=True); import time; time.sleep(60)", tmp_path) as running:
        assert running.exit_code() is None

    assert running.exit_code() == -15


@pytest.mark.parametrize(("code", "text"), [(-9, "signal 9"), (0, "exit code 0"), (2, "exit code 2")])
def test_an_ending_tells_signals_from_exit_codes(code: int, text: str) -> None:
    assert ending(code) == text


@pytest.mark.parametrize(
    ("argument", "command"),
    [
        (".venv/bin/offboard", ".venv/bin/offboard"),
        ("/a b/offboard", "'/a b/offboard'"),
        ("/x/cli/__main__.py", f"{sys.executable} -m cli"),
    ],
    ids=["a script", "a path with a space", "a module"],
)
def test_the_hint_shows_the_command_as_it_was_called(argument: str, command: str) -> None:
    assert upping.called_as(argument) == command
