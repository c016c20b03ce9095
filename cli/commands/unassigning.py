"""`offboard unassign`: the one call by hand, with what the Graph PowerShell cmdlet offers."""

import asyncio
from typing import Annotated

import typer

from cli import exits
from cli.commands import options
from shared.graph.asking import Route

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="AUTOPILOT_DEVICE_ID",
        help="Ids of Autopilot devices; without any, or with -, they are read from standard input: one a line, or JSON "
        "objects with windowsAutopilotDeviceIdentityId or id.",
    ),
]


def unassign(
    autopilot_device_ids: Ids = None,
    resource_account: Annotated[
        bool,
        typer.Option(
            "--resource-account",
            help="The resource account instead of the user, not beside it as in send (Graph beta).",
        ),
    ] = False,
    expect_user: Annotated[
        str | None, typer.Option(metavar="<upn>", help="Act only on a record that names this user.")
    ] = None,
    what_if: Annotated[bool, typer.Option("--what-if", help="Show what would be done; change nothing.")] = False,
    confirm: Annotated[bool, typer.Option("--confirm", help="Ask for each device, not once for all.")] = False,
    yes: options.Yes = False,
    path: Annotated[
        Route,
        typer.Option(
            metavar=f"[{'|'.join(Route)}]",
            parser=options.one_of(Route),
            autocompletion=options.completed(Route),
            help="The route: straight to the device, or through its deployment profile (Graph beta).",
        ),
    ] = Route.DEVICE,
    header: Annotated[
        list[str] | None, typer.Option(metavar="<name=value>", help="A header to add to the request; may be repeated.")
    ] = None,
    response_headers: Annotated[
        bool, typer.Option("--response-headers", help="Show the headers of Graph's answers.")
    ] = False,
    pass_thru: Annotated[
        bool, typer.Option("--pass-thru", help="Print true or false for each device, and nothing else.")
    ] = False,
    reason: Annotated[str, typer.Option(metavar="<text>", help="Why; recorded in the journal.")] = "",
    operator: options.Operator = None,
    as_json: options.AsJson = False,
) -> None:
    """Unassign the user, or the resource account, of Autopilot devices now, signed in as you are; no message is sent.

    Each record is read first: one that is clear, protected, or names another user than --expect-user is left alone.
    """
    from cli.unassigning import asked, running
    from cli.unassigning.carrying import Order

    if confirm and yes:
        exits.refuse("--confirm asks, and --yes answers: give one of them")
    if pass_thru and (as_json or response_headers):
        exits.refuse("--pass-thru prints true or false and nothing else: leave out --json and --response-headers")
    action = asked.action(resource_account=resource_account, route=path)
    headers, user = asked.headers(header or ()), asked.expected_user(expect_user)
    settings = running.settings()
    running.allowed(settings, action)
    named = asked.devices(autopilot_device_ids or (), nobody_to_ask=not (yes or what_if or settings.dry_run))
    if settings.dry_run and not what_if:
        typer.echo("DRY_RUN is set: nothing is changed, as with --what-if.", err=True)
    what_if = what_if or settings.dry_run
    if not what_if:
        named = asked.agreed(named, action, each=confirm, yes=yes)
    order = Order(devices=named, action=action, expect_user=user, route=path, headers=headers, what_if=what_if)
    wanted = running.Wanted(
        as_json=as_json,
        pass_through=pass_thru,
        response_headers=response_headers,
        reason=reason,
        operator=operator,
    )
    raise typer.Exit(asyncio.run(running.run(order, settings, wanted)))
