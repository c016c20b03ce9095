"""`offboard up`: the emulated services and the host on them, until Ctrl-C or SIGTERM."""

import signal
import tempfile
import threading
from pathlib import Path

import typer

from cli import exits
from cli.demo import tenant as sample
from cli.host_process import HostFailed, HostProcess
from cli.parts import LocalParts
from emulators.graph import tenant as tenants


def run(tenant: Path | None, *, servicebus_port: int, graph_port: int) -> int:
    """Start everything, print the settings that lead to it, and wait; 0 when stopped, 1 if the host ended by itself."""
    stopping = threading.Event()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopping.set())
    try:
        state = sample.build() if tenant is None else tenants.load(tenant)
    except (OSError, ValueError, KeyError, TypeError) as error:
        exits.refuse(f"{tenant} is not a tenant: {error}")
    with tempfile.TemporaryDirectory(prefix="offboard-up-") as folder:
        try:
            with LocalParts(state, servicebus_port=servicebus_port, graph_port=graph_port) as parts:
                environment = parts.environment(Path(folder) / "journal.sqlite3")
                log = Path(folder) / "host.log"
                with HostProcess(environment, log) as host:
                    _announce(environment, host)
                    return _wait(host, stopping, log)
        except OSError as error:
            exits.refuse(f"a port could not be opened ({error.strerror}): give --servicebus-port or --graph-port")
        except HostFailed as error:
            exits.refuse(str(error))


def _announce(environment: dict[str, str], host: HostProcess) -> None:
    typer.echo(f"running (host process {host.pid}); in another terminal:\n")
    for name, value in environment.items():
        typer.echo(f"export {name}='{value}'")
    typer.echo("\noffboard send --user adele.vance@contoso.example --yes\n\nCtrl-C stops.")
    typer.echo("ready")


def _wait(host: HostProcess, stopping: threading.Event, log: Path) -> int:
    ended = threading.Event()

    def watch() -> None:
        host.wait()
        if not stopping.is_set():
            ended.set()
            stopping.set()

    threading.Thread(target=watch, daemon=True).start()
    stopping.wait()
    if ended.is_set():
        typer.echo(log.read_text(errors="replace")[-4000:], err=True)
        return exits.Exit.SOME_FAILED
    return exits.Exit.DONE
