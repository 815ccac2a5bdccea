"""What every answer of the pages and the API tells the browser."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access.people.policy import Policy

# Telemetry is foreign text: even if one got out of its element, no script but ours would run.
SECURITY = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
    ),
    "x-content-type-options": "nosniff",
    # For browsers that do not know frame-ancestors.
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# A year; not for subdomains and neighbours, which are not ours to speak for.
STRICT_TRANSPORT = "max-age=31536000"


class SafeHeaders:
    """ASGI middleware: a strict content policy everywhere, and over TLS no way back from it; nothing is kept by caches
    without asking again."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self.app = app
        self.policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                if self.policy.proxies.is_secure(HTTPConnection(scope)):
                    headers.setdefault("strict-transport-security", STRICT_TRANSPORT)
                cache = "no-cache" if scope["path"].startswith("/static/") else "no-store"
                headers.setdefault("cache-control", cache)
            await send(message)

        await self.app(scope, receive, send_with_headers)
