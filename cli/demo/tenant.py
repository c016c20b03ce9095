"""The sample tenant: some hundred Autopilot devices of an invented company, the same every time."""

import uuid
from typing import Final

from emulators.graph.tenant import Device, Tenant, User

DOMAIN: Final = "contoso.example"
COLLEAGUES: Final = 320
_NAMESPACE: Final = uuid.UUID("5f6c0e0c-57a4-4c4e-9f0d-1f2f0a4e7b11")
_FIRST: Final = (
    "adele",
    "alex",
    "diego",
    "grady",
    "isaiah",
    "johanna",
    "lee",
    "lynne",
    "megan",
    "miriam",
    "nestor",
    "patti",
)
_LAST: Final = ("archie", "baker", "garcia", "gu", "henderson", "jung", "lorenz", "robbins", "vance", "wilber", "young")


def identifier(name: str) -> str:
    """A GUID that is always the same for a name."""
    return str(uuid.uuid5(_NAMESPACE, name))


def user(name: str) -> str:
    """The user principal name of somebody in the sample tenant."""
    return f"{name}@{DOMAIN}"


def device(name: str, *, assigned: str = "", serial_number: str | None = None, resource: str = "") -> Device:
    """One device; its ids follow from its name."""
    return Device(
        id=identifier(name),
        serial_number=serial_number or f"5CG{identifier(name)[:7].upper()}",
        user_principal_name=assigned,
        addressable_user_name=assigned.split("@", maxsplit=1)[0].replace(".", " ").title(),
        resource_name=resource,
        group_tag="Standard",
        managed_device_id=identifier(f"{name}/managed"),
        entra_device_id=identifier(f"{name}/entra"),
        display_name=name,
        model="EliteBook 840",
        manufacturer="HP",
    )


def build() -> Tenant:
    """Colleagues with a laptop each, whom nothing may touch, and the people and devices that the demo is about."""
    names = [f"{_FIRST[n % len(_FIRST)]}.{_LAST[n % len(_LAST)]}{n}" for n in range(COLLEAGUES)]
    devices = [device(f"laptop of {name}", assigned=user(name)) for name in names]
    devices += [
        device("adele's laptop", assigned=user("adele.vance")),
        device("adele's tablet", assigned=user("adele.vance")),
        device("adele's old laptop", assigned=user("adele.vance")),
        device("megan's laptop", assigned=user("megan.bowen.maiden.name")),
        device("grady's laptop", assigned=user("Grady.Archie")),
        device("diego's laptop", assigned=user("diego.siciliani")),
        device("lee's laptop", assigned=user("lee.gu")),
        device("pradeep's laptop", assigned=user("pradeep.gupta")),
        device("retired by serial", assigned=user("joni.sherman"), serial_number="R90X-RETIRED"),
        device("longer serial", assigned=user("henrietta.mueller"), serial_number="R90X-RETIRED-2"),
        device("retired by entra id", assigned=user("nestor.wilke")),
        device("retired by intune id", assigned=user("patti.fernandez")),
        device("given away", assigned=user("irvin.sayers")),
        device("meeting room", assigned="", resource="room-7@contoso.example"),
        device("twin one", assigned=user("miriam.graham"), serial_number="TWIN-1"),
        device("twin two", assigned=user("isaiah.langer"), serial_number="TWIN-1"),
    ]
    devices += [device(f"kiosk {n}", assigned=user("kiosk")) for n in range(12)]
    users = [User(id=identifier(f"user {name}"), user_principal_name=user(name)) for name in ("adele.vance", "lee.gu")]
    return Tenant(devices, users)
