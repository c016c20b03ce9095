"""Who the leaver is: every user principal name that their devices may carry, and the names that somebody else holds now."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared import ports
from shared.domain.errors import UserNotResolvable
from shared.domain.events import UserOffboarded
from shared.domain.identifiers import UserObjectId, UserPrincipalName, same, unique


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaver:
    """The leaver's own `names`, the former names `reused` by somebody else, and the object id if it is known."""

    names: tuple[UserPrincipalName, ...]
    reused: tuple[UserPrincipalName, ...] = ()
    user_object_id: UserObjectId | None = None

    def identities(self) -> tuple[str, ...]:
        """Everything by which the leaver may be protected."""
        return (*self.names, *([self.user_object_id] if self.user_object_id else []))


@dataclass(frozen=True, slots=True)
class Leavers:
    """Identifies leavers; `users` is None where the settings do not allow asking Graph, and the sender's word counts."""

    users: ports.Users | None

    async def identify(self, event: UserOffboarded, *, unassigned: Iterable[str] = ()) -> Leaver:
        """The leaver of an event. Raises UserNotResolvable where no user principal name can be had, and what Users raises.

        `unassigned` are names under which this event went so far as to unassign them; they may have been renamed since.
        """
        known = [UserPrincipalName(name) for name in unassigned]
        given = [event.user_principal_name, *event.previous_user_principal_names, *known]
        names = unique([name for name in given if name])
        if self.users is None:
            if not names:
                raise UserNotResolvable("the event names the user by id alone, and RESOLVE_USERS is off")
            return Leaver(names=names, user_object_id=event.user_object_id)
        return await self._resolved(event, names, self.users)

    async def _resolved(
        self,
        event: UserOffboarded,
        names: tuple[UserPrincipalName, ...],
        users: ports.Users,
    ) -> Leaver:
        """With Graph to ask: the current name is added, and a name that somebody else holds now is set aside."""
        user_object_id, current = event.user_object_id, None
        if user_object_id is not None:
            user = await users.by_id(user_object_id)
            current = None if user is None else user.user_principal_name
        elif event.user_principal_name is not None:
            holder = await users.by_name(event.user_principal_name)
            user_object_id = None if holder is None else holder.user_object_id
        own: list[UserPrincipalName] = []
        reused: list[UserPrincipalName] = []
        for name in unique(
            [*([] if current is None else [current]), *names]
        ):  # a deleted user's name can be taken again
            holder = await users.by_name(name) if _may_be_reused(event, name) else None
            mine = holder is None or same(holder.user_object_id, user_object_id)
            (own if mine else reused).append(name)
        if not own and not reused:
            raise UserNotResolvable("the event names the user by id alone, and Graph knows no such user")
        return Leaver(names=unique(own), reused=tuple(reused), user_object_id=user_object_id)


def _may_be_reused(event: UserOffboarded, name: UserPrincipalName) -> bool:
    """Without an object id the current name itself says who the leaver is; any other may have gone to somebody else."""
    return event.user_object_id is not None or not same(name, event.user_principal_name)
