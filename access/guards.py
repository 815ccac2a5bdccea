"""What a route demands of whoever calls it. The gate before the routes says who that is."""

from dataclasses import dataclass
from typing import Any

from fastapi import Depends, HTTPException
from starlette.requests import HTTPConnection

from access.principals import Principal, Role

HARMLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Guard:
    """A dependency of routes and WebSockets: 401 without a principal, 403 to one of too low a role."""

    read: Role
    change: Role

    def role_for(self, method: str) -> Role:
        """The least role that a request of this method takes; a WebSocket counts as a GET."""
        return self.read if method in HARMLESS_METHODS else self.change

    def __call__(self, connection: HTTPConnection) -> None:
        taken = self.role_for(connection.scope.get("method", "GET"))
        caller = principal(connection)
        if caller is None:
            raise HTTPException(401, "Sign in first")
        if caller.role < taken:
            raise HTTPException(403, f"This takes the role {taken}; yours is {caller.role}")


def open_to_all() -> None:
    """The dependency that says: public on purpose."""


def needs(role: Role, *, to_change: Role | None = None) -> Any:
    """For `dependencies=[…]` of a router or a route: it takes this role, and `to_change` for all but harmless methods.

    Of several guards on one route the strictest decides.
    """
    return Depends(Guard(role, to_change or role))


public: Any = Depends(open_to_all)
"""For `dependencies=[…]` of what everybody may call, signed in or not."""


def principal(connection: HTTPConnection) -> Principal | None:
    """Who calls; None when nobody has signed in, and where no gate has asked."""
    found: Principal | None = getattr(connection.state, "principal", None)
    return found


def actor(connection: HTTPConnection) -> str | None:
    """The signed-in person's name; None where a request may say itself who is behind it."""
    caller = principal(connection)
    return caller.name if caller is not None and caller.signed_in else None


def author(connection: HTTPConnection, named: str | None) -> str | None:
    """Who is behind a request: who is signed in, or the key that it came by; else whom it names, else the token."""
    caller = principal(connection)
    if caller is None:
        return named
    return caller.name if caller.signed_in or caller.kind == "key" else named or caller.name
