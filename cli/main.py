"""The command: its subcommands together. Each imports its heavy parts when it runs, so that help is quick."""

import importlib.metadata
from collections.abc import Callable, Mapping
from typing import Annotated, Final

import typer

from cli.commands import afterwards, dlq, doctoring, eventing, examples, mapping, running, unassigning

app = typer.Typer(
    name="offboard",
    help="Unassign leavers and retired devices from their Windows Autopilot records, and see what became of each device.",
    epilog=examples.below(examples.OVERVIEW),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # Rich's help cuts the names of options at 80 columns
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"offboard {importlib.metadata.version('autopilot-offboarding')}")
        raise typer.Exit


@app.callback()
def _all(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


# What the overview says of each, in what a line of 80 columns has room for.
_COMMANDS: Final[Mapping[Callable[..., None], str]] = {
    running.host: "Run the functions, on the Service Bus that is set.",
    running.up: "Run emulated services, and the functions on them.",
    running.demo: "Show the main job on a sample tenant.",
    eventing.send: "Send an event: a leaver, or a retired device.",
    unassigning.unassign: "Unassign devices now, by their ids.",
    eventing.preview: "Show what would become of devices; change nothing.",
    afterwards.status: "Show what became of an event, a user, or a device.",
    afterwards.undo: "Assign the former users of an event's devices again.",
    doctoring.doctor: "Check settings, rights and connections.",
}

for _command, _short in _COMMANDS.items():
    app.command(short_help=_short, epilog=examples.below(_command.__name__))(_command)
app.command("map", short_help="Show what a mapping file makes of a message.", epilog=examples.below("map"))(
    mapping.map_message
)
app.add_typer(dlq.app, name="dlq", short_help="See, correct, replay and discard dead letters.")
