"""Who acts, as the audit names them."""

from fastapi import Request

from access.audit import By
from access.guards import principal
from access.people.policy import policy_of


def by(request: Request) -> By:
    caller = principal(request)
    name = (caller.name if caller is not None else None) or "anonymous"
    return By(name, policy_of(request).client(request).address)
