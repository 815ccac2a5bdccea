"""Which web pages may send: CORS for SDKs that run in a browser."""

from collections.abc import Iterable, Mapping

Fields = list[tuple[bytes, bytes]]

EVERY_ORIGIN = "*"
MAX_AGE_SECONDS = 7200
"""The longest that Chromium keeps the answer to a preflight."""
_ALWAYS_SENT = b"content-type, content-encoding, authorization"
_MAX_ASKED = 2000


class Cors:
    """Header fields for pages of the given origins, as https://app.example.com; '*' stands for all of them."""

    def __init__(self, origins: Iterable[str] = ()) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._all = EVERY_ORIGIN.encode() in self._origins

    def fields(self, headers: Mapping[bytes, bytes]) -> Fields:
        """What every answer carries, refusals too: without it a page cannot see that it may try again."""
        if not self._origins:
            return []
        fields = [(b"vary", b"Origin")]
        origin = headers.get(b"origin")
        if origin and self.allows(origin):
            fields += [
                (b"access-control-allow-origin", origin),
                (b"access-control-expose-headers", b"Retry-After"),
            ]
        return fields

    def allows(self, origin: bytes) -> bool:
        return self._all or origin in self._origins

    def preflight(self, headers: Mapping[bytes, bytes]) -> Fields:
        """What the answer to OPTIONS carries. Senders' own headers are allowed by their names."""
        fields = self.fields(headers)
        if len(fields) > 1:
            asked = headers.get(b"access-control-request-headers", b"")
            fields += [
                (b"vary", b"Access-Control-Request-Headers"),
                (b"access-control-allow-methods", b"POST"),
                (b"access-control-allow-headers", asked if 0 < len(asked) <= _MAX_ASKED else _ALWAYS_SENT),
                (b"access-control-max-age", str(MAX_AGE_SECONDS).encode()),
            ]
        return fields
