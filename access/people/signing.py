"""What cookies hold, signed so that nobody else can make one, by one key for all API processes of a database."""

import hmac
import secrets
from hashlib import sha256

import asyncpg
from itsdangerous import BadSignature, URLSafeTimedSerializer

from database.queries import load

SQL = load(__package__)
KEY_BYTES = 32


async def signing_key(connection: asyncpg.Connection) -> bytes:
    """The key for cookies; made by whoever asks first."""
    await connection.execute(SQL["make_signing_key"], "cookies", secrets.token_bytes(KEY_BYTES))
    key: bytes = await connection.fetchval(SQL["signing_key"], "cookies")
    return key


class Signer:
    """Signs and reads cookies of one purpose."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._key = key
        self._serializer = URLSafeTimedSerializer(
            key, salt=f"otelgres {purpose}", signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"}
        )

    def signed(self, value: object) -> str:
        return self._serializer.dumps(value)

    def read(self, text: str, seconds: float) -> object | None:
        """What was signed; None when it was not by us, or longer ago."""
        try:
            value: object = self._serializer.loads(text, max_age=int(seconds))
        except BadSignature:
            return None
        return value

    def echo(self, value: str) -> str:
        """A token that only who holds this value can be given: what a page sends beside its cookie."""
        return hmac.new(self._key, f"echo {value}".encode(), sha256).hexdigest()
