"""The door of the API and the pages: the Host header is checked, who calls, and that no other site's page makes a
browser change anything."""

from fastapi import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from access.guards import HARMLESS_METHODS
from access.people.returning import SIGN_IN, sign_in_page
from access.principals import Principal
from server.access import is_behind_proxy, is_host_allowed, is_origin_allowed
from server.callers import Programs
from server.settings import Settings
from server.staying import while_let_in

# Probes carry neither token nor a host name of ours, and learn nothing but "ready".
PROBES = frozenset({"/healthz", "/readyz", "/alertmanager/-/healthy", "/alertmanager/-/ready"})
# What is needed before one has signed in. Everything else takes somebody, whatever its route says.
PUBLIC_PATHS = frozenset({SIGN_IN, "/api/access/session", "/api/access/oidc/login", "/api/access/oidc/callback"})
PUBLIC_FOLDERS = ("/static/", "/admin/_app/")
FOR_PROGRAMS = ("/api/", "/metrics", "/alertmanager/", "/jaeger/")
TOKEN_NEEDED = "The admin token is required, as bearer token or as password"
# By one of these a proxy says that a request comes from elsewhere.
PASSED_ON = frozenset({"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"})
UNEXPECTED_PROXY = (
    "This came through a proxy, and whoever reaches this server is an admin: set OTELGRES_PEOPLE=accounts, or name the "
    "proxy's public host in OTELGRES_ALLOWED_HOSTS if it lets in only whom you want"
)
# Who is let in by what does not end while the server runs.
ENDLESS = frozenset({"open", "token"})


class Gate:
    """ASGI middleware: others get 403 (foreign Host, a change by a foreign page) or 401, as {detail}, or are sent to
    the page to sign in at; a WebSocket, also one that a foreign page opens, is closed unopened."""

    def __init__(self, app: ASGIApp, settings: Settings, callers: Programs) -> None:
        self.app = app
        self.settings = settings
        self.callers = callers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in PROBES:
            await self.app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        try:
            self._check_origin(request)
            caller = await self.callers.of(request)
        except HTTPException as refusal:
            answer = JSONResponse({"detail": refusal.detail}, refusal.status_code, headers=refusal.headers)
            await _refuse(answer, scope, receive, send)
            return
        request.state.principal = caller
        if caller is None and not _is_public(scope["path"]):
            await _refuse(self._turned_away(request), scope, receive, send)
            return
        if caller is None or caller.kind in ENDLESS:
            await self.app(scope, receive, send)
        else:
            await while_let_in(self.app, lambda: self._is_still(request, caller), scope, receive, send)

    def _check_origin(self, request: HTTPConnection) -> None:
        host, origin = request.headers.get("host"), request.headers.get("origin")
        if self.callers.needs_own_host and not is_host_allowed(host, self.settings):
            raise HTTPException(403, f"The host {host!r} is not served here; OTELGRES_ALLOWED_HOSTS can add it")
        if self.callers.is_open and not is_behind_proxy(self.settings) and not PASSED_ON.isdisjoint(request.headers):
            raise HTTPException(403, UNEXPECTED_PROXY)
        # A WebSocket has no method: browsers open it for any page, with all that they know.
        harmless = request.scope.get("method") in HARMLESS_METHODS
        if not harmless and not is_origin_allowed(origin, host, self.settings):
            raise HTTPException(403, "Only pages of this server may change anything here")

    def _turned_away(self, request: HTTPConnection) -> Response:
        path = request.scope["path"]
        if not self.callers.policy.has_sessions:
            return _unauthorized(TOKEN_NEEDED, {"www-authenticate": 'Basic realm="Otelgres", charset="UTF-8"'})
        looks = request.scope.get("method") == "GET" and "text/html" in request.headers.get("accept", "")
        if looks and not path.startswith(FOR_PROGRAMS):
            query = request.url.query
            return RedirectResponse(sign_in_page(f"{path}?{query}" if query else path), 303)
        return _unauthorized("Sign in first", {"www-authenticate": 'Bearer realm="Otelgres"'})

    async def _is_still(self, request: HTTPConnection, caller: Principal) -> bool:
        try:
            return await self.callers.of(request) == caller
        except HTTPException as refusal:
            # At 503 nobody knows.
            return refusal.status_code >= 500


def _is_public(path: str) -> bool:
    return path in PUBLIC_PATHS or path.startswith(PUBLIC_FOLDERS)


def _unauthorized(detail: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"detail": detail}, 401, headers=headers)


async def _refuse(answer: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(scope, receive, send)
