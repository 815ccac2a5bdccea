"""The keys that open at the moment, in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hmac import compare_digest

from access.keys.key_text import KeyText
from access.keys.scopes import ROLES
from access.principals import Principal

_NO_DIGEST = bytes(32)


@dataclass(frozen=True, slots=True)
class Key:
    """services: the only ones that may come by it; None for all. expires_at: None for never."""

    id: str
    name: str
    digest: bytes
    scopes: frozenset[str]
    services: frozenset[str] | None
    expires_at: datetime | None


class KeyRing:
    """Finds keys by what is presented. `loaded`: whether the keys have been read at all yet.

    `now` gives the time in UTC.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._keys: dict[str, Key] = {}
        self._used: dict[str, datetime] = {}
        self.loaded = False

    def replace(self, keys: Iterable[Key]) -> None:
        """These keys open from now on, and no others."""
        self._keys = {key.id: key for key in keys}
        self.loaded = True

    def find(self, presented: str) -> Key | None:
        """The key that was presented; None for garbage, a key that is unknown, revoked or expired, or a wrong secret.

        The time it takes says nothing of a digest.
        """
        text = KeyText.read(presented)
        if text is None:
            return None
        key = self._keys.get(text.id)
        matches = compare_digest(text.digest, _NO_DIGEST if key is None else key.digest)
        if key is None or not matches:
            return None
        now = self._now()
        if key.expires_at is not None and key.expires_at <= now:
            return None
        self._used[key.id] = now
        return key

    def principal(self, presented: str) -> Principal | None:
        """Who calls the API by this key; None where it does not open the API."""
        key = self.find(presented)
        roles = [ROLES[scope] for scope in key.scopes if scope in ROLES] if key else []
        return Principal(f"key:{key.name}", max(roles), "key") if key and roles else None

    def take_used(self) -> dict[str, datetime]:
        """When keys were used last, by their ids; what was taken is not told again."""
        used, self._used = self._used, {}
        return used
