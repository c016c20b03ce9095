"""The mapping files that are shipped, the samples for them, and the events that these become."""

from pathlib import Path
from typing import Any

from shared.domain import events

ROOT = Path(__file__).parents[4]
SHIPPED = sorted((ROOT / "shared" / "mappings").glob("*.yaml"))
LEFT, RETIRED = events.UserOffboarded.TYPE, events.DeviceRetired.TYPE
ADELE = {"userPrincipalName": "adele.vance@contoso.example"}
OBJECT_ID = {"id": "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11"}
WORKFLOW = {"origin": "lifecycle-workflow"}
SAMPLES: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "bamboohr": (
        "bamboohr",
        LEFT,
        {},
        {
            "user": ADELE,
            "eventId": "bamboohr-12345-2026-11-20T18:42:00+0000",
            "occurredAt": "2026-11-20T18:42:00+00:00",
            "requestedBy": "BambooHR",
        },
    ),
    "entra-user-deleted": (
        "entra",
        LEFT,
        {},
        {
            "user": OBJECT_ID,
            "eventId": "8a1f5e9b-6f0a-4f0c-9d5e-2b1c7c9a0d11",
            "occurredAt": "2026-11-20T22:24:31.306290+00:00",
            "requestedBy": "Microsoft Entra",
        },
    ),
    "entra-lifecycle-workflow": (
        "entra",
        LEFT,
        WORKFLOW,
        {
            "user": OBJECT_ID | ADELE,
            "eventId": "9b1d2c3e-0000-4000-8000-0000000000b1",
            "requestedBy": "Microsoft Entra lifecycle workflow",
            "reason": "Offboard an employee",
        },
    ),
    "servicenow-user": (
        "servicenow",
        LEFT,
        {"table": "sys_user"},
        {
            "user": ADELE,
            "eventId": "servicenow-000018d9f9e863008ff068a048a5d115-2026-11-20 12:48:31",
            "occurredAt": "2026-11-20T12:48:31+00:00",
            "requestedBy": "ServiceNow",
        },
    ),
    "servicenow-hardware": (
        "servicenow",
        RETIRED,
        {"table": "alm_hardware"},
        {
            "device": {"serialNumber": "R90X-RETIRED"},
            "eventId": "servicenow-11ab18d9f9e863008ff068a048a5d2aa-2026-11-20 12:48:31",
            "ticket": "P1000479",
            "requestedBy": "ServiceNow",
        },
    ),
    "successfactors-termination": (
        "successfactors",
        LEFT,
        {},
        {
            "user": ADELE,
            "eventId": "c143fd6b-a71b-4657-8158-a8e14946666a",
            "occurredAt": "2026-11-23T00:00:00+00:00",
            "effectiveAt": "2026-11-30T23:00:00+00:00",
            "requestedBy": "SAP SuccessFactors",
        },
    ),
    "successfactors-account": (
        "successfactors",
        LEFT,
        {},
        {
            "user": ADELE,
            "eventId": "message-1",  # the message's: the account has no id but names
            "occurredAt": "2026-11-20T13:45:00+00:00",
            "requestedBy": "SAP SuccessFactors",
        },
    ),
    "workday": (
        "workday",
        LEFT,
        {},
        {
            "user": ADELE,
            "eventId": "workday-21508-2026-11-30",
            "effectiveAt": "2026-11-30T23:00:00+00:00",
            "requestedBy": "Workday",
            "reason": "Voluntary",
        },
    ),
}
NAMES = {
    "displayname",
    "email",
    "mail",
    "personidexternal",
    "primary_work_email",
    "user_name",
    "username",
    "userprincipalname",
    "work email",
}
"""The keys of the samples, in lower case, whose values name a person."""
TWICE = object()
"""Stands for what was there, two times."""
NOT_LEAVERS: dict[str, tuple[str, dict[str, Any]]] = {
    "bamboohr: another field": ("bamboohr", {"changedFields": ["First Name"]}),
    "bamboohr: active": ("bamboohr", {"Status": "Active"}),
    "bamboohr: two employees": ("bamboohr", {"employees": TWICE}),
    "entra: any other change": ("entra-user-deleted", {"type": "Microsoft.Graph.UserUpdated", "changeType": "updated"}),
    "entra: a workflow without the property": ("entra-lifecycle-workflow", {}),
    "servicenow: an active user": ("servicenow-user", {"active": "true"}),
    "servicenow: hardware in use": ("servicenow-hardware", {"install_status": "In use"}),
    "successfactors: another event": ("successfactors-termination", {"type": "com.successfactors.Hire"}),
    "successfactors: two events": ("successfactors-termination", {"event": TWICE}),
    "successfactors: an active account": ("successfactors-account", {"accountStatus": "ACTIVE"}),
    "workday: two rows": ("workday", {"Report_Entry": TWICE}),
    "workday: no date": ("workday", {"Termination_Date": None}),
}
