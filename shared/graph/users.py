"""The tenant's users in Graph: the port Users. Needs the permission User.Read.All; translates, and decides nothing."""

import uuid

from shared.domain.errors import GraphUnavailable
from shared.domain.identifiers import UserObjectId, UserPrincipalName, folded, same
from shared.graph import reading
from shared.graph.client import GraphClient
from shared.ports import User


class GraphUsers:
    """Users by msgraph-sdk. Errors and deadlines are GraphClient's, for each of at most two calls."""

    def __init__(self, client: GraphClient) -> None:
        self._client = client

    async def by_id(self, user: UserObjectId) -> User | None:
        """The user, deleted in the last 30 days or not, or None; also None for what is no object id at all.

        Source: learn.microsoft.com/graph/api/user-get, …/directory-deleteditems-get
        """
        if not _is_object_id(user):  # Graph would take it for a user principal name
            return None
        requests = self._client.requests
        response = await self._client.find(requests.user(user))
        if response is not None:
            found = reading.user(response.json())
        else:
            response = await self._client.find(requests.deleted_user(user))
            found = None if response is None else reading.deleted_user(response.json())
        if found is not None and not same(found.user_object_id, user):
            raise GraphUnavailable("graph answered with another user than was asked for")
        return found

    async def by_name(self, name: UserPrincipalName) -> User | None:
        """The user who holds this name now (never a deleted one), or None."""
        if not folded(name):
            return None
        response = await self._client.find(self._client.requests.user(name))
        found = None if response is None else reading.user(response.json())
        if found is None or not same(found.user_principal_name, name):  # Graph takes an object id for a name
            return None
        return found


def _is_object_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == folded(text)
    except ValueError:
        return False
