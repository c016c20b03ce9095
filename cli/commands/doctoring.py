"""`offboard doctor`: is all set up as the service needs it?"""

import asyncio

import typer

from cli.commands import options


def doctor(as_json: options.AsJson = False) -> None:
    """Check versions, settings, identity, Graph and its rights, clock, Service Bus and its rights, and the journal.

    Changes nothing. Each line is ok, warn or fail, with the mend; 1 if one failed, 2 if settings or a connection did. What it
    tells of rights is about whoever is signed in: a managed identity, az login, or Cloud Shell's user.
    """
    from cli import log_lines
    from cli.doctor import examining, findings, showing
    from shared.settings import reading

    log_lines.to_nobody()
    found = asyncio.run(examining.examine(reading.process_environment()))
    (showing.as_json if as_json else showing.as_text)(found)
    raise typer.Exit(findings.code(found))
