"""A key as its bearer has it: `otg_<id>_<secret>`."""

import hashlib
import re
import secrets
from dataclasses import dataclass

ID_BYTES, SECRET_BYTES = 6, 24
_FORM = re.compile(rf"otg_([0-9a-f]{{{ID_BYTES * 2}}})_([0-9a-f]{{{SECRET_BYTES * 2}}})")


@dataclass(frozen=True, slots=True)
class KeyText:
    """The id, which MAY be shown, and the SHA-256 of the secret, which is all that is kept of it.

    A slow hash would gain nothing: it makes guessing dear, and 192 random bits cannot be guessed.
    """

    id: str
    digest: bytes

    @classmethod
    def read(cls, text: str) -> "KeyText | None":
        """None for what is no key."""
        found = _FORM.fullmatch(text)
        return cls(found[1], _digest(found[2])) if found else None


def new_key() -> tuple[KeyText, str]:
    """A new key, and the text to give to its bearer, which nobody can show again."""
    id_, secret = secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES)
    return KeyText(id_, _digest(secret)), f"otg_{id_}_{secret}"


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
