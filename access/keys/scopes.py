"""What a key opens: the signals that may be sent by it, and the API.

There is none for admins: a key that makes keys would outlive being revoked.
"""

from typing import Literal, get_args

from access.principals import Role

Scope = Literal["traces", "logs", "metrics", "read", "write"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
SIGNALS = frozenset({"traces", "logs", "metrics"})
ROLES = {"read": Role.VIEWER, "write": Role.EDITOR}
"""Whose place a key takes at the API."""
