"""Examples of each command, as its help shows them below its options, a line each. Tests run every one."""

from collections.abc import Mapping, Sequence
from typing import Final

OVERVIEW: Final = "offboard"

OF: Final[Mapping[str, Sequence[str]]] = {
    OVERVIEW: (
        "offboard doctor",
        "offboard preview --user anna@contoso.com",
        "offboard dlq list",
    ),
    "host": ("offboard host",),
    "up": (
        "offboard up",
        "VERIFY_AFTER=30s offboard up --tenant tenant.json",
    ),
    "demo": ("offboard demo",),
    "send": (
        "offboard send --user anna@contoso.com --ticket HR-1041",
        "offboard send --serial-number 5CG1234XYZ --dry-run --yes",
        'offboard send --csv leavers.csv --column userPrincipalName="Work Email"',
        "echo '{\"user\": 7}' | offboard send --raw - --yes",
    ),
    "unassign": (
        "offboard unassign 1e996c8b-3220-5ef8-b9f3-e362655549f8 --what-if",
        "offboard unassign --yes --json < devices.json",
    ),
    "preview": (
        "offboard preview --user anna@contoso.com",
        "offboard preview --serial-number 5CG1234XYZ --json",
        'offboard preview --csv leavers.csv --column userPrincipalName="Work Email"',
    ),
    "status": (
        "offboard status HR-1041",
        "offboard status --user anna@contoso.com",
        "offboard status --ticket HR-1041 --json",
    ),
    "undo": (
        "offboard undo HR-1041",
        'offboard undo HR-1041 --because "wrong leaver" --yes',
    ),
    "doctor": ("offboard doctor", "offboard doctor --json"),
    "map": (
        "offboard map --explain --mapping shared/mappings/bamboohr.yaml message.json",
        "offboard map --mapping shared/mappings/bamboohr.yaml - < message.json",
    ),
    "dlq": (
        "offboard dlq list",
        "offboard dlq show 17",
        "offboard dlq replay 17 --edit",
    ),
    "dlq list": (
        "offboard dlq list",
        "offboard dlq list --messages --reason InvalidMessage --newer-than 2d",
    ),
    "dlq show": ("offboard dlq show 17",),
    "dlq replay": (
        "offboard dlq replay 17 --edit",
        "offboard dlq replay 17 --body corrected.json --yes",
        "offboard dlq replay --reason GraphPermissionDenied --yes",
    ),
    "dlq discard": ('offboard dlq discard 17 --because "sent twice by mistake" --yes',),
}


def below(command: str) -> str:
    """The end of a command's help; the first character keeps the lines from being filled into one paragraph."""
    return "\n".join(["\b", "Examples:", *(f"  {each}" for each in OF[command])])
