"""`offboard host`, `up` and `demo`: what runs the functions."""

from pathlib import Path
from typing import Annotated

import typer

_LARGEST_PORT = 65535

Tenant = Annotated[Path | None, typer.Option(help="A sample tenant (JSON) for the emulated Graph.")]
ServiceBusPort = Annotated[
    int,
    typer.Option(
        "--servicebus-port", min=0, max=_LARGEST_PORT, help="Port of the emulated Service Bus; 0 picks a free one."
    ),
]
GraphPort = Annotated[
    int,
    typer.Option("--graph-port", min=0, max=_LARGEST_PORT, help="Port of the emulated Graph; 0 picks a free one."),
]


def host() -> None:
    """Run the functions against the Service Bus and Graph that the environment names; SIGTERM drains.

    Prints `ready` on a line of its own when it listens.
    """
    from cli import hosting

    raise typer.Exit(hosting.start())


def up(tenant: Tenant = None, servicebus_port: ServiceBusPort = 5672, graph_port: GraphPort = 8080) -> None:
    """Run emulated Service Bus, Graph and identity, and the functions on them, until stopped.

    Prints the settings that lead to them, `ready`, and then each outcome as it is published. Settings of yours that lead
    nowhere, such as VERIFY_AFTER or PROTECTED_USERS, count for its functions; the journal is a new one, gone with it.
    """
    from cli import upping

    raise typer.Exit(upping.run(tenant, servicebus_port=servicebus_port, graph_port=graph_port))


def demo() -> None:
    """Show the main job on a sample tenant: real messages, settled and accounted for; ends by itself."""
    from cli.demo import show

    raise typer.Exit(show.run())
