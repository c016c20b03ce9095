"""`offboard up`: the emulated services and the host on them, until Ctrl-C or SIGTERM."""

import asyncio
import contextlib
import shlex
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import typer

from cli import exits, parts, tenant_file
from cli.demo import tenant as sample
from cli.exit_codes import Exit
from cli.host_process import HostFailed, HostProcess, ending
from cli.outcome_lines import Outcomes
from cli.parts import LocalParts
from emulators.graph.tenant import Tenant
from shared.domain.identifiers import EventId
from shared.journal.sqlite import SqliteJournal
from shared.settings import kinds, reading
from shared.settings.fields import NAMES, TABLE

_LOOK_EVERY_SECONDS: Final = 0.3
_SECRET: Final = frozenset(each.name for each in TABLE.values() if each.kind is kinds.SECRET)


def run(tenant: Path | None, *, servicebus_port: int, graph_port: int) -> int:
    """Start everything, print the settings that lead to it, then each outcome; 0 when stopped, 1 if the host ended by itself."""
    stopping = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    state = _tenant(tenant)
    with (
        tempfile.TemporaryDirectory(prefix="offboard-up-") as folder,
        _started(state, servicebus_port=servicebus_port, graph_port=graph_port) as emulated,
    ):
        given = yours(reading.process_environment())
        journal = Path(folder) / "journal.sqlite3"
        make(journal)
        environment = {**given, **emulated.environment(journal)}
        log = Path(folder) / "host.log"
        outcomes = Outcomes(emulated.service_bus)
        try:
            with HostProcess(environment, log) as host:
                _announce(environment, host, log)
                code = _wait(host, stopping, outcomes)
        except HostFailed as error:
            if stopping.is_set():  # Ctrl-C reaches both of us
                return Exit.DONE
            exits.refuse(str(error))
        _tell(outcomes)  # what was published while the host drained
        return code


def make(journal: Path) -> None:
    """An empty journal: whoever looks before the first event is to find that nothing is on record, not that there is none."""

    async def read() -> None:
        made = SqliteJournal(journal)
        await made.read(EventId("offboard-up"))
        await made.close()

    asyncio.run(read())


def yours(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings of the service in an environment, but for those that lead somewhere: here that is the emulated parts."""
    names = set(NAMES) - parts.LEADING
    return {name: environment[name] for name in sorted(names) if environment.get(name, "").strip()}


def called_as(argument: str) -> str:
    """The command as it was called, for a shell, from `sys.argv[0]`: a module's path stands for `python -m cli`."""
    if Path(argument).name == "__main__.py":
        return shlex.join([sys.executable, "-m", "cli"])
    return shlex.quote(argument)


def _tenant(path: Path | None) -> Tenant:
    if path is None:
        return sample.build()
    try:
        return tenant_file.load(path)
    except tenant_file.NoTenant as error:
        exits.refuse(f"{path} is not a tenant: {error}")


@contextlib.contextmanager
def _started(tenant: Tenant, *, servicebus_port: int, graph_port: int) -> Iterator[LocalParts]:
    with contextlib.ExitStack() as stack:
        try:
            emulated = stack.enter_context(LocalParts(tenant, servicebus_port=servicebus_port, graph_port=graph_port))
        except OSError as error:
            exits.refuse(f"a port could not be opened ({error.strerror}): give --servicebus-port or --graph-port")
        yield emulated


def _announce(environment: dict[str, str], host: HostProcess, log: Path) -> None:
    typer.echo(f"running (host process {host.pid}, its log in {log}); in another terminal:\n")
    for name, value in environment.items():
        if name not in _SECRET:  # only the host needs it
            typer.echo(f"export {name}={_quoted(value)}")
    typer.echo(f"\n{called_as(sys.argv[0])} send --user adele.vance@contoso.example --yes\n")
    typer.echo("Outcomes are shown here as they are published. Ctrl-C stops.")
    typer.echo("ready")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def _wait(host: HostProcess, stopping: threading.Event, outcomes: Outcomes) -> int:
    while not stopping.wait(_LOOK_EVERY_SECONDS):
        _tell(outcomes)
        code = host.exit_code()
        if code is not None and not stopping.is_set():
            typer.echo(f"the host ended ({ending(code)}); the last lines of its log:\n{host.last_words()}", err=True)
            return Exit.SOME_FAILED
    return Exit.DONE


def _tell(outcomes: Outcomes) -> None:
    for line in outcomes.new_lines():
        typer.echo(line)
