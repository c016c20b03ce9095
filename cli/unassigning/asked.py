"""What somebody asked for, from the options: checked, and refused with one line if it can't be meant."""

import sys
from collections.abc import Mapping, Sequence

from cli import exits
from cli.unassigning import ids
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, UserPrincipalName
from shared.graph import asking
from shared.graph.asking import Route

WHAT = {Action.UNASSIGN_USER: "the user", Action.UNASSIGN_RESOURCE_ACCOUNT: "the resource account"}


def devices(arguments: Sequence[str], *, nobody_to_ask: bool) -> Sequence[AutopilotDeviceId]:
    """The devices of the arguments, or of standard input, which then can't answer questions. Ends the command if there are none."""
    try:
        if arguments and list(arguments) != ["-"]:
            return ids.from_arguments(arguments)
        if not arguments and sys.stdin.isatty():
            exits.refuse("no device is named: give AUTOPILOT_DEVICE_ID, or pipe ids in, one a line or as JSON")
        found = ids.from_text(sys.stdin.buffer.read())
    except ids.NoIds as error:
        exits.refuse(str(error))
    if nobody_to_ask:
        exits.refuse("the ids come from standard input, so nobody can be asked: give --yes, or --what-if to look first")
    return found


def headers(given: Sequence[str]) -> Mapping[str, str]:
    """The headers of `--header NAME=VALUE`; ends the command if one can't be added."""
    found: dict[str, str] = {}
    for each in given:
        name, separator, value = each.partition("=")
        if not separator:
            exits.refuse("--header must be NAME=VALUE, such as client-request-id=7f3c")
        try:
            name, value = asking.checked(name.strip(), value)
        except ValueError as error:
            exits.refuse(f"--header: {error}")
        if name.lower() in map(str.lower, found):
            exits.refuse(f"--header: {name} is given twice: keep one")
        found[name] = value
    return found


def expected_user(name: str | None) -> UserPrincipalName | None:
    """The user of `--expect-user`; an empty one is refused: a variable that was not set must not mean anybody."""
    if name is None:
        return None
    if "@" not in name.strip("@ "):
        exits.refuse("--expect-user must be a user principal name, such as adele.vance@contoso.com")
    return UserPrincipalName(name.strip())


def action(*, resource_account: bool, route: Route) -> Action:
    """What is to be unassigned; ends the command for what no document describes."""
    if not resource_account:
        return Action.UNASSIGN_USER
    if route is not Route.DEVICE:
        exits.refuse(f"--path {route.value} is described for the user only: leave out --resource-account or --path")
    return Action.UNASSIGN_RESOURCE_ACCOUNT


def agreed(named: Sequence[AutopilotDeviceId], what: Action, *, each: bool, yes: bool) -> Sequence[AutopilotDeviceId]:
    """The devices that may be touched: all of them, or with `each` those that were agreed to. Ends the command at a no."""
    if each:
        chosen = [device for device in named if exits.agreed(f"Unassign {WHAT[what]} of {device}?")]
        return chosen or exits.refuse("nothing was done")
    number = named[0] if len(named) == 1 else f"{len(named)} devices"
    exits.confirm(f"Unassign {WHAT[what]} of {number}?", yes=yes)
    return named
