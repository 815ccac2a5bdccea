"""The door of the API and the pages: the Host header is checked, the admin token where one is set, and that no other
site's page makes a browser change anything."""

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from server.access import is_authorized, is_host_allowed, is_origin_allowed
from server.settings import Settings

# Probes carry neither token nor a host name of ours, and learn nothing but "ready".
OPEN_PATHS = frozenset({"/healthz", "/readyz", "/alertmanager/-/healthy", "/alertmanager/-/ready"})
HARMLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """ASGI middleware: others get 403 (foreign Host, a change by a foreign page) or 401, as {detail}; a WebSocket, also
    one that a foreign page opens, is closed unopened."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(headers)
        foreign = not is_origin_allowed(headers.get("origin"), headers.get("host"), self.settings)
        if scope["type"] == "websocket":
            if refusal is not None or foreign:
                await send({"type": "websocket.close", "code": 1008})
            else:
                await self.app(scope, receive, send)
        elif refusal is not None:
            await refusal(scope, receive, send)
        elif foreign and scope["method"] not in HARMLESS_METHODS:
            detail = "Only pages of this server may change anything here"
            await JSONResponse({"detail": detail}, status_code=403)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, headers: Headers) -> JSONResponse | None:
        host = headers.get("host")
        if not is_host_allowed(host, self.settings):
            return JSONResponse(
                {"detail": f"The host {host!r} is not served here; OTELGRES_ALLOWED_HOSTS can add it"},
                status_code=403,
            )
        if not is_authorized(headers.get("authorization"), self.settings.admin_token):
            return JSONResponse(
                {"detail": "The admin token is required, as bearer token or as password"},
                status_code=401,
                headers={"www-authenticate": 'Basic realm="Otelgres", charset="UTF-8"'},
            )
        return None
