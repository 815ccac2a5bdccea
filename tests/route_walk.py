"""Every route of the application, with what its guards say: read off the routes themselves.

`python -m tests.route_walk` writes the table of docs/access-matrix.md anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, Route

from access.guards import Guard, open_to_all
from access.principals import Role
from server.app import create_app
from server.gate import PROBES, PUBLIC_FOLDERS, PUBLIC_PATHS
from server.settings import Settings

MATRIX = Path(__file__).parents[1] / "docs" / "access-matrix.md"
WEBSOCKET = "WS"


class Walked(NamedTuple):
    """role: the least that it takes; None: public on purpose. declared: whether its route says so, and not the gate."""

    path: str
    method: str
    role: Role | None
    declared: bool


def walk(app: FastAPI) -> list[Walked]:
    """By path and method. A route without a guard of its own takes what the gate takes: anybody who is let in."""
    return sorted(found for context in iter_route_contexts(app.routes) for found in _walked(context))


def _walked(context: Any) -> Iterator[Walked]:
    if isinstance(context.original_route, (Mount, Route)) and getattr(context, "dependant", None) is None:
        path = context.path + ("/" if isinstance(context.original_route, Mount) else "")
        methods = context.original_route.methods if isinstance(context.original_route, Route) else ["GET"]
        for method in methods or ():
            yield Walked(path, method, None if _is_public(path) else Role.VIEWER, declared=False)
        return
    guards = list(_guards(context.dependant))
    is_public = open_to_all in guards
    for method in context.methods or [WEBSOCKET]:
        roles = [
            guard.role_for("GET" if method == WEBSOCKET else method) for guard in guards if guard is not open_to_all
        ]
        assert not (is_public and roles), f"{method} {context.path} is public and guarded"
        yield Walked(context.path, method, max(roles, default=None), declared=bool(guards))


def _guards(dependant: Dependant) -> Iterator[Any]:
    if isinstance(dependant.call, Guard) or dependant.call is open_to_all:
        yield dependant.call
    for inner in dependant.dependencies:
        yield from _guards(inner)


def _is_public(path: str) -> bool:
    return path in PROBES | PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS)


def markdown(routes: list[Walked]) -> str:
    """The table of docs/access-matrix.md."""
    lines = ["| Route | Method | anonymous | viewer, key `read` | editor, key `write` | admin, admin token |"]
    lines.append("|---|---|---|---|---|---|")
    for path, method, role, _ in routes:
        may = ["yes" if role is None or (who is not None and who >= role) else "–" for who in (None, *Role)]
        lines.append(f"| `{path}` | {method} | {' | '.join(may)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    above, _, _ = MATRIX.read_text(encoding="utf-8").partition("| Route")
    MATRIX.write_text(above + markdown(walk(create_app(Settings(), "postgresql://"))), encoding="utf-8")
