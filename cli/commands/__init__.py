"""commands: the subcommands' options and help, as Typer reads them; what they do is in the modules they import when run."""
