"""How people come in: openly, by accounts of ours, by a provider, or named by a proxy."""

from dataclasses import dataclass, field
from enum import Enum

from starlette.requests import HTTPConnection

from access.people.cookies import Cookies
from access.people.oidc import Provider
from access.people.proxies import Proxies
from access.people.sessions import Client
from access.people.throttling import Turnstile


class Mode(Enum):
    OPEN = "open"
    ACCOUNTS = "accounts"
    OIDC = "oidc"
    PROXY = "proxy"


@dataclass(frozen=True, slots=True)
class Policy:
    """One a process, at `app.state.people`. public_url: where browsers reach us, if it is told."""

    mode: Mode
    proxies: Proxies = field(default_factory=Proxies)
    public_url: str | None = None
    provider: Provider | None = None
    cookies: Cookies = field(default_factory=Cookies)
    turnstile: Turnstile = field(default_factory=Turnstile)

    @property
    def has_sessions(self) -> bool:
        return self.mode in (Mode.ACCOUNTS, Mode.OIDC)

    def is_secure(self, request: HTTPConnection) -> bool:
        """Whether browsers reach us over TLS, whatever we see of it."""
        return (self.public_url or "").startswith("https://") or self.proxies.is_secure(request)

    def base_url(self, request: HTTPConnection) -> str:
        """The address of this server as the browser knows it, without a path."""
        if self.public_url is not None:
            return self.public_url.rstrip("/")
        return f"{'https' if self.is_secure(request) else 'http'}://{request.headers.get('host', '')}"

    def client(self, request: HTTPConnection) -> Client:
        return Client(self.proxies.address(request), request.headers.get("user-agent", "").replace("\0", ""))


def policy_of(request: HTTPConnection) -> Policy:
    policy: Policy = request.app.state.people
    return policy
