"""Which of Graph's permissions the token has: what is missing, and what it has beyond its need. Pure.

Source: learn.microsoft.com/graph/api/intune-enrollment-windowsautopilotdeviceidentity-unassignuserfromdevice, "Permissions"
"""

from collections.abc import Mapping, Sequence
from typing import Final

from cli.doctor import findings
from cli.doctor.findings import Finding
from cli.doctor.identity import Claims

_CHECK: Final = "graph rights"
WRITE: Final = "DeviceManagementServiceConfig.ReadWrite.All"
READ_USERS: Final = "User.Read.All"
_WIDER: Final[Mapping[str, frozenset[str]]] = {
    WRITE: frozenset(),
    READ_USERS: frozenset({"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}),
}
"""What allows the same, and more."""
_FOR: Final = {WRITE: "to read and unassign Autopilot devices", READ_USERS: "as RESOLVE_USERS is on"}


def check(claims: Claims, *, resolve_users: bool) -> Sequence[Finding]:
    """One line if the rights are just those that are needed, else one for each that is missing, and one for all the others."""
    needed = [WRITE, READ_USERS] if resolve_users else [WRITE]
    had = claims.scopes if claims.of_a_person else claims.roles
    found = [_missing(right, claims) for right in needed if right not in had and not _WIDER[right] & had]
    excess = sorted(claims.roles - set(needed))  # what apps like the Azure CLI ask for people is not ours to judge
    if excess:
        text = f"more than it needs: {', '.join(excess)}"
        found.append(findings.warn(_CHECK, text, "remove these app role assignments from the identity"))
    return found or [findings.ok(_CHECK, " and ".join(needed))]


def _missing(right: str, claims: Claims) -> Finding:
    if claims.of_a_person:
        mend = f"sign in as an app that has it (az login --service-principal): az login alone does not ask for {right}"
    else:
        mend = f"grant the application permission {right} on Microsoft Graph to the identity, and wait for a new token"
    return findings.fail(_CHECK, f"{right} is missing ({_FOR[right]})", mend)
