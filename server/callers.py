"""Who calls: by the admin token, a key, a session's cookie, or a trusted proxy's word."""

from collections.abc import Callable

from fastapi import HTTPException
from pydantic import SecretStr
from starlette.requests import HTTPConnection

from access.guards import HARMLESS_METHODS
from access.keys.key_text import KeyText
from access.keys.ring import KeyRing
from access.people import accounts, sessions
from access.people.cookies import CSRF_HEADER
from access.people.policy import Mode, Policy
from access.people.proxies import Spoofed
from access.principals import Principal, Role
from access.transactions import AWAY, borrowed
from server.access import presented_secret, same

ADMIN_TOKEN = Principal("admin token", Role.ADMIN, "token")
EVERYBODY = Principal(None, Role.ADMIN, "open")

KeyOf = Callable[[str], Principal | None]


def no_key(secret: str) -> None:
    """Where there are no keys."""


def key_on(ring: KeyRing) -> KeyOf:
    """The keys of a ring. Of a key that is asked for before they were read nobody can say anything: 503."""

    def principal_of(secret: str) -> Principal | None:
        if not ring.loaded and KeyText.read(secret) is not None:
            raise HTTPException(503, AWAY)
        return ring.principal(secret)

    return principal_of


class Programs:
    """What comes without a person: the admin token, keys, and everybody where nobody has to say who they are."""

    def __init__(self, policy: Policy, admin_token: SecretStr | None, key: KeyOf) -> None:
        self.policy = policy
        self._admin_token = admin_token
        self._key = key

    @property
    def needs_own_host(self) -> bool:
        """Whether a page of another name for this machine could speak for somebody: it holds no cookie of ours, and no
        token, but it can send any header."""
        return self.policy.mode is Mode.PROXY or self.is_open

    async def of(self, request: HTTPConnection) -> Principal | None:
        """None: somebody who has not said who they are, where one has to. An HTTPException says why a request is not
        heard at all that claims to be somebody's."""
        secret = presented_secret(request.headers.get("authorization"))
        if secret is None:
            return EVERYBODY if self.is_open else None
        if self._admin_token is not None and same(secret, self._admin_token):
            return ADMIN_TOKEN
        return self._key(secret) or (EVERYBODY if self.is_open else None)

    @property
    def is_open(self) -> bool:
        """Whether nobody has to say who they are."""
        return self.policy.mode is Mode.OPEN and self._admin_token is None


class Callers(Programs):
    """People besides. The application behind it MUST have the pool of the database."""

    async def of(self, request: HTTPConnection) -> Principal | None:
        proxied = await self._proxied(request)
        if proxied is not None:
            return proxied
        if self.policy.has_sessions and "authorization" not in request.headers:
            return await self._by_session(request)
        return await super().of(request)

    async def _by_session(self, request: HTTPConnection) -> Principal | None:
        policy = self.policy
        secure = policy.is_secure(request)
        if not policy.cookies.any_session(request, secure=secure):
            return None
        if not policy.cookies.loaded:
            async with borrowed(request) as connection:
                await policy.cookies.load(connection)
        # Before anything is asked of the database for somebody who has only made up a cookie.
        id_ = policy.cookies.session(request, secure=secure)
        if id_ is None:
            return None
        async with borrowed(request) as connection:
            person = await sessions.find(connection, id_)
        if person is None:
            return None
        harmless = request.scope.get("method", "GET") in HARMLESS_METHODS
        if not harmless and not policy.cookies.is_csrf(request, id_):
            raise HTTPException(403, f"A change takes the header {CSRF_HEADER}, as GET /api/access/session tells it")
        return person

    async def _proxied(self, request: HTTPConnection) -> Principal | None:
        if self.policy.mode is not Mode.PROXY:
            return None
        try:
            named = self.policy.proxies.person(request)
        except Spoofed:
            raise HTTPException(403, f"{self.policy.proxies.header} is taken from trusted proxies alone") from None
        if named is None:
            return None
        try:
            email = accounts.read_email(named)
        except ValueError:
            raise HTTPException(403, f"{self.policy.proxies.header} {accounts.NO_ADDRESS}") from None
        async with borrowed(request) as connection:
            return await accounts.principal_of(connection, email)
