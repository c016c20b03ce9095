"""What Graph answers to a request: throttling, permissions, the operation. Knows no HTTP, no faults, no batch."""

from emulators.clock import Clock
from emulators.graph import access, messages, routes
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.operations import Operations
from emulators.graph.quota import Quota, QuotaWindow


class GraphService:
    """The state machine without its faults: operations on a tenant behind a gate and a quota."""

    def __init__(self, operations: Operations, clock: Clock, gate: access.Access, quota: Quota | None) -> None:
        self._operations = operations
        self._clock = clock
        self._gate = gate
        self._quota = QuotaWindow(quota) if quota is not None else None

    def throttle(self, request: GraphRequest) -> Answer | None:
        """Count the request against Intune's quota: an answer if it is refused. The directory has a quota of its own."""
        if self._quota is None or request.segments[:1] != ("deviceManagement",):
            return None
        wait = self._quota.take(self._clock.now(), write=request.method != "GET")
        if wait is None:
            return None
        return messages.error(429, "Too Many Requests", headers={"Retry-After": str(wait)})

    def authenticate(self, request: GraphRequest) -> access.Grant | Answer:
        """The caller's permissions, or 401."""
        grant = self._gate.grant(request.headers.get("authorization", ""), request.root)
        if grant is None:
            return messages.error(
                401, "Access token is empty, invalid or expired.", headers={"WWW-Authenticate": "Bearer"}
            )
        return grant

    def answer(self, request: GraphRequest) -> Answer:
        """Do what is asked, if the caller may."""
        grant = self.authenticate(request)
        if isinstance(grant, Answer):
            return grant
        for route in routes.ROUTES:
            if (parameter := route.match(request)) is not None:
                if not grant.allows(route.permissions):
                    needed = ", ".join(sorted(route.permissions))
                    return messages.intune_error(403, f"Application must have one of the following scopes: {needed}")
                self._operations.tenant.sweep(self._clock.now())
                return route.operation(self._operations, request, parameter)
        return messages.unexpected(f"{request.method} {request.api_version} {request.path}")
