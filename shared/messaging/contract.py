"""The message contract: from the bytes of a body to an event, or to InvalidMessage with the JSON path and the mend.

The models are the source of the JSON Schemas in `docs/schemas/`. Errors are made from pydantic's locations and types,
never from its texts, which quote the input.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeGuard

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    EventId,
    ManagedDeviceId,
    SerialNumber,
    UserObjectId,
    UserPrincipalName,
    is_no_id,
)
from shared.messaging import cloud_events, mistyped, problems, strict_json
from shared.messaging.forms import DeviceId, EventKey, Guid, Name, Serial, Timestamp, Upn
from shared.messaging.incoming import IncomingMessage


class _Model(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=AliasGenerator(alias=to_camel),
        hide_input_in_errors=True,
    )


def _given(name: str, kind: str = "string", **more: int) -> dict[str, Any]:
    """The part of a JSON Schema that says: this key is there and not null."""
    return {"required": [name], "properties": {name: {"type": kind, **more}}}


class User(_Model):
    """Who left. At least one of the three is required; more names find more devices."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                _given("id"),
                _given("userPrincipalName"),
                _given("previousUserPrincipalNames", "array", minItems=1),
            ],
        },
    )

    id: Guid | None = Field(None, description="The Entra object id.")
    user_principal_name: Upn | None = Field(None, description="The user principal name at the time of leaving.")
    previous_user_principal_names: Annotated[tuple[Upn, ...], FailFast()] | None = Field(
        None,
        strict=False,  # a JSON array is a list, which strict mode would not take for a tuple
        max_length=20,
        description="Former names; a device may still be assigned to one of them.",
    )

    @model_validator(mode="after")
    def _named(self) -> Self:
        if not (self.id or self.user_principal_name or self.previous_user_principal_names):
            raise PydanticCustomError("no_user", "no_user")
        return self


class Device(_Model):
    """Which device. Exactly one of the four is required."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [_given(key) for key in ("autopilotDeviceId", "serialNumber", "entraDeviceId", "managedDeviceId")],
        },
    )

    autopilot_device_id: DeviceId | None = Field(None, description="The id of the windowsAutopilotDeviceIdentity.")
    serial_number: Serial | None = Field(None, description="Matched exactly, case aside.")
    entra_device_id: DeviceId | None = Field(None, description="The Entra deviceId, not the directory object's id.")
    managed_device_id: DeviceId | None = Field(None, description="The id of the Intune managed device.")

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        keys = (self.autopilot_device_id, self.serial_number, self.entra_device_id, self.managed_device_id)
        if sum(key is not None for key in keys) != 1:
            raise PydanticCustomError("one_key", "one_key")
        if any(key is not None and is_no_id(key) for key in keys):
            raise PydanticCustomError("no_id", "no_id")
        return self


class _Event(_Model):
    event_id: EventKey | None = Field(
        None,
        description="Names this event for good; the default is the CloudEvents id, else the message id.",
    )
    occurred_at: Timestamp | None = Field(None, description="When it happened, RFC 3339 with an offset.")
    effective_at: Timestamp | None = Field(None, description="In the future: the message waits until then.")
    requested_by: str | None = Field(None, max_length=256, description="Who asked; returned in the outcome.")
    ticket: str | None = Field(None, max_length=256, description="A reference of yours; returned in the outcome.")
    reason: str | None = Field(None, max_length=1024, description="Why; returned in the outcome.")
    dry_run: bool | None = Field(None, description="True: change nothing, report what would be done.")

    def request(self, default_event_id: str) -> events.Request:
        """The part that both events share, as the domain knows it."""
        return events.Request(
            event_id=EventId(self.event_id or default_event_id),
            occurred_at=self.occurred_at,
            effective_at=self.effective_at,
            requested_by=self.requested_by,
            ticket=self.ticket,
            reason=self.reason,
            dry_run=bool(self.dry_run),
        )


class UserOffboarded(_Event):
    """user.offboarded: somebody left; all their Autopilot devices lose their user."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user": {"userPrincipalName": "name@contoso.com"}},
                {
                    "eventId": "hr-2026-004711",
                    "user": {
                        "id": "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11",
                        "userPrincipalName": "name@contoso.com",
                        "previousUserPrincipalNames": ["maiden.name@contoso.com"],
                    },
                    "occurredAt": "2026-11-20T17:00:00+01:00",
                    "effectiveAt": "2026-11-30T23:00:00Z",
                    "requestedBy": "hr-leaver-feed",
                    "ticket": "INC0012345",
                    "dryRun": True,
                },
            ],
        },
    )

    user: User

    def to_domain(self, default_event_id: str) -> events.UserOffboarded:
        """The event that the handler sees."""
        user = self.user
        return events.UserOffboarded(
            request=self.request(default_event_id),
            user_object_id=UserObjectId(user.id) if user.id else None,
            user_principal_name=UserPrincipalName(user.user_principal_name) if user.user_principal_name else None,
            previous_user_principal_names=tuple(map(UserPrincipalName, user.previous_user_principal_names or ())),
        )


class DeviceRetired(_Event):
    """device.retired: a device was retired; it loses its user, its resource account, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"device": {"serialNumber": "PF3XK7Q9"}},
                {
                    "device": {"autopilotDeviceId": "0d9e6a58-0e4c-4b53-8e0b-8e27d0a4c9f2"},
                    "actions": ["unassignUser", "unassignResourceAccount"],
                    "assignedUserPrincipalName": "name@contoso.com",
                    "resourceAccountName": "Room 1",
                },
            ],
        },
    )

    device: Device
    assigned_user_principal_name: Upn | None = Field(None, description="Act only if the record names this user.")
    actions: Annotated[tuple[Literal["unassignUser", "unassignResourceAccount"], ...], FailFast()] | None = Field(
        None,
        strict=False,
        min_length=1,
        max_length=2,
        description='Default: ["unassignUser"].',
    )
    resource_account_name: Name | None = Field(None, description="Act only if the record holds this resource account.")

    def to_domain(self, default_event_id: str) -> events.DeviceRetired:
        """The event that the handler sees."""
        assigned = self.assigned_user_principal_name
        return events.DeviceRetired(
            request=self.request(default_event_id),
            device=self._key(),
            assigned_user_principal_name=UserPrincipalName(assigned) if assigned else None,
            actions=tuple(dict.fromkeys(map(events.Action, self.actions or events.UNASSIGN_USER_ONLY))),
            resource_account_name=self.resource_account_name,
        )

    def _key(self) -> events.DeviceKey:
        device = self.device
        if device.autopilot_device_id is not None:
            return events.AutopilotDeviceKey(AutopilotDeviceId(device.autopilot_device_id))
        if device.serial_number is not None:
            return events.SerialNumberKey(SerialNumber(device.serial_number))
        if device.entra_device_id is not None:
            return events.EntraDeviceKey(EntraDeviceId(device.entra_device_id))
        return events.ManagedDeviceKey(ManagedDeviceId(device.managed_device_id or ""))


MODELS: Final[Mapping[str, type[UserOffboarded | DeviceRetired]]] = {
    events.UserOffboarded.TYPE: UserOffboarded,
    events.DeviceRetired.TYPE: DeviceRetired,
}


def schemas() -> Mapping[str, dict[str, Any]]:
    """The JSON Schema of each event by its type, as published in `docs/schemas/`."""
    return {event_type: model.model_json_schema() for event_type, model in MODELS.items()}


def fields(event_type: str) -> tuple[str, ...]:
    """The paths of all values that an event may hold, such as `user.userPrincipalName`; those that say what it is about first."""
    known = _KNOWN[event_type].items()
    inner = [f"{key}.{each}" for key, below in known for each in below]
    return (*inner, *(key for key, below in known if not below))


def decode(message: IncomingMessage, event_type: str) -> events.Event:
    """The event in a message's body; `event_type` is what the queue takes. Raises InvalidMessage, and nothing else."""
    value = strict_json.loads(message.body)
    envelope = cloud_events.unwrap(value, message.application_properties, event_type)
    model = MODELS[event_type]
    mistake = mistyped.first(envelope.data, _KNOWN[event_type])
    if mistake is not None:
        path, expected = mistake
        raise InvalidMessage(strict_json.render((*envelope.path, *path)), f"is not a key; did you mean {expected}?")
    try:
        event = model.model_validate(envelope.data)
    except ValidationError as error:
        raise problems.invalid_message(error, envelope.path) from None
    return event.to_domain(envelope.event_id or message.default_event_id)


def _keys(model: type[BaseModel]) -> mistyped.Known:
    """The keys of a model and of the models it holds, as they are written in JSON."""
    return {
        field.alias or name: _keys(field.annotation) if _is_model(field.annotation) else {}
        for name, field in model.model_fields.items()
    }


def _is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


_KNOWN: Final = {event_type: _keys(model) for event_type, model in MODELS.items()}
