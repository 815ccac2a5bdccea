"""The pages: the application below /admin, and one at /api/docs that reads the OpenAPI description."""

import base64
import hashlib
import re
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from access.guards import needs, public
from access.principals import Role
from server.errors import OtelgresError
from server.headers import SECURITY
from server.web_files import WebFiles

STATIC = Path(__file__).with_name("static")
# What the build of ui/ leaves; a wheel holds it.
WEB = Path(__file__).with_name("web")
ASSETS = "admin/_app"
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def add(app: FastAPI) -> None:
    """Adds the pages and their files. They ask no other origin for anything."""
    index = _index()
    docs = (STATIC / "docs.html").read_bytes()
    headers = {"content-security-policy": _content_policy(index), "cache-control": "no-cache"}

    # Before the path below /admin, which would take the files for pages.
    app.mount(f"/{ASSETS}", WebFiles(WEB / ASSETS), name="web")

    @app.get("/", include_in_schema=False, dependencies=[needs(Role.VIEWER)])
    async def home() -> RedirectResponse:
        return RedirectResponse("/admin/", status_code=307)

    @app.get("/admin/sign-in", include_in_schema=False, dependencies=[public])
    async def sign_in() -> HTMLResponse:
        return HTMLResponse(index, headers=headers)

    @app.get("/admin", include_in_schema=False, dependencies=[needs(Role.VIEWER)])
    @app.get("/admin/{path:path}", include_in_schema=False, dependencies=[needs(Role.VIEWER)])
    async def page(path: str = "") -> HTMLResponse:
        return HTMLResponse(index, headers=headers)

    @app.get("/api/docs", include_in_schema=False, dependencies=[needs(Role.VIEWER)])
    async def api_docs() -> HTMLResponse:
        return HTMLResponse(docs)

    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _index() -> bytes:
    try:
        return (WEB / "index.html").read_bytes()
    except FileNotFoundError:
        raise OtelgresError("the pages are not built; `make setup` builds them") from None


def _content_policy(index: bytes) -> str:
    """The policy of all answers, and the scripts that stand in the index by their hashes."""
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(index))
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    return f"{SECURITY['content-security-policy']}; script-src 'self' {allowed}"
