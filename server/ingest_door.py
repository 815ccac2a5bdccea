"""Who may send: whoever presents the ingest token, or a key that opens the signal."""

from hmac import compare_digest

from opentelemetry.exporter.postgres.batch import Signal

from access.keys.key_text import KeyText
from access.keys.ring import KeyRing
from receiver.permits import EVERYTHING, Permit
from receiver.refusals import Forbidden, Unauthenticated, Unavailable
from server.access import presented_secret

# One text for all that is wrong, so that nobody learns which part of a guess was right.
WRONG = "send a key that is valid: Authorization: Bearer <key>"
SCOPES = {signal: signal.name.lower() for signal in Signal}


class IngestDoor:
    """A door of the receivers. token: opens everything; None where there is none."""

    def __init__(self, ring: KeyRing, token: str | None) -> None:
        self._ring = ring
        self._token = None if token is None else token.encode()

    def __call__(self, signal: Signal, authorization: str | None) -> Permit:
        """Raises Unauthenticated and Forbidden, and Unavailable for a key while no keys were read yet."""
        presented = presented_secret(authorization)
        if not presented:
            raise Unauthenticated(WRONG)
        if self._token is not None and compare_digest(presented.encode(errors="replace"), self._token):
            return EVERYTHING
        if not self._ring.loaded and KeyText.read(presented) is not None:
            raise Unavailable("the keys are not known yet")
        key = self._ring.find(presented)
        if key is None:
            raise Unauthenticated(WRONG)
        scope = SCOPES[signal]
        if scope not in key.scopes:
            raise Forbidden(f"the key does not open {scope}")
        return EVERYTHING if key.services is None else Permit(key.services)
