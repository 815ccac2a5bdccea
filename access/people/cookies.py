"""The cookies of browsers: the session's, and the one of a sign-in elsewhere that is under way."""

import hmac
from datetime import timedelta
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from access.people.sessions import LONGEST
from access.people.signing import Signer, signing_key

CSRF_HEADER = "x-otelgres-csrf"
SESSION, FLOW = "otelgres_session", "otelgres_sign_in"
FLOW_LONGEST = timedelta(minutes=10)
# Browsers take it only over TLS, for this very host: no neighbouring host and no plain answer can plant one.
SECURE_PREFIX = "__Host-"


class Cookies:
    """Reads and sets them, signed by the key of the database, which is read once."""

    def __init__(self) -> None:
        self._key: bytes | None = None

    async def load(self, connection: Any) -> None:
        """MUST be awaited before anything is signed or read; it asks the database only the first time."""
        if self._key is None:
            self._key = await signing_key(connection)

    @property
    def loaded(self) -> bool:
        return self._key is not None

    def any_session(self, request: HTTPConnection, *, secure: bool) -> bool:
        """Whether there is one to read, be it whosever."""
        return _full(SESSION, secure) in request.cookies

    def session(self, request: HTTPConnection, *, secure: bool) -> str | None:
        """The id of the session that the browser is in, which may have ended."""
        found = self._read(request, SESSION, LONGEST, secure)
        return found if isinstance(found, str) else None

    def set_session(self, response: Response, id_: str, *, secure: bool) -> None:
        self._set(response, SESSION, id_, LONGEST, secure)

    def forget_session(self, response: Response, *, secure: bool) -> None:
        self._forget(response, SESSION, secure)

    def flow(self, request: HTTPConnection, *, secure: bool) -> dict[str, Any] | None:
        """What was kept when this browser went to the provider."""
        found = self._read(request, FLOW, FLOW_LONGEST, secure)
        return found if isinstance(found, dict) else None

    def set_flow(self, response: Response, flow: dict[str, Any], *, secure: bool) -> None:
        self._set(response, FLOW, flow, FLOW_LONGEST, secure)

    def forget_flow(self, response: Response, *, secure: bool) -> None:
        self._forget(response, FLOW, secure)

    def csrf(self, session: str) -> str:
        """What a page of ours sends beside the session's cookie; no other page can read it."""
        return self._signer(SESSION).echo(session)

    def is_csrf(self, request: HTTPConnection, session: str) -> bool:
        given = request.headers.get(CSRF_HEADER, "")
        return hmac.compare_digest(given.encode(), self.csrf(session).encode())

    def _signer(self, name: str) -> Signer:
        assert self._key is not None
        return Signer(self._key, name)

    def _read(self, request: HTTPConnection, name: str, longest: timedelta, secure: bool) -> object:
        text = request.cookies.get(_full(name, secure))
        return self._signer(name).read(text, longest.total_seconds()) if text else None

    def _set(self, response: Response, name: str, value: object, longest: timedelta, secure: bool) -> None:
        response.set_cookie(
            _full(name, secure),
            self._signer(name).signed(value),
            max_age=int(longest.total_seconds()),
            secure=secure,
            httponly=True,
            samesite="lax",
        )

    def _forget(self, response: Response, name: str, secure: bool) -> None:
        response.delete_cookie(_full(name, secure), secure=secure, httponly=True, samesite="lax")


def _full(name: str, secure: bool) -> str:
    return SECURE_PREFIX + name if secure else name
