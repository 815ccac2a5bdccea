"""The secret in an Authorization header: as Bearer, or as the password of Basic."""

import base64
import binascii


def secret_of(authorization: str | None) -> str | None:
    """What was presented; None without a header, or one of another scheme."""
    scheme, _, value = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    return _password(value) if scheme.lower() == "basic" else None


def _password(value: str) -> str | None:
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2].decode() or None
    except (binascii.Error, ValueError):
        return None
