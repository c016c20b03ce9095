"""Graph's users as one life of a process reaches them. Stands for shared.graph.users, which has tests of its own over sockets."""

from collections.abc import Callable, Sequence

from shared import ports
from shared.domain.errors import GraphThrottled, GraphUnavailable
from shared.domain.identifiers import UserObjectId, UserPrincipalName, same
from tests.proof.faults import Refusal
from tests.proof.injector import Life
from tests.proof.outside import Outside


class Users:
    """ports.Users."""

    def __init__(self, outside: Outside, life: Life, known: Sequence[ports.User]) -> None:
        self._outside = outside
        self._life = life
        self._known = known

    async def by_id(self, user: UserObjectId) -> ports.User | None:
        return await self._first(lambda each: same(each.user_object_id, user))

    async def by_name(self, name: UserPrincipalName) -> ports.User | None:
        return await self._first(lambda each: not each.deleted and same(each.user_principal_name, name))

    async def _first(self, wanted: Callable[[ports.User], bool]) -> ports.User | None:
        def found() -> ports.User | None:
            return next(filter(wanted, self._known), None)

        return await self._outside.injector.call(self._life, "graph.user", found, _no_answer, _refused)


def _refused(refusal: Refusal) -> None:
    raise GraphThrottled("429") if refusal.status == 429 else GraphUnavailable("503")


def _no_answer() -> Exception:
    return GraphUnavailable("graph could not be reached: ConnectError")
