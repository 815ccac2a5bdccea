"""Keys for tests, made as everybody makes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from access.audit import By
from access.keys.keeping import create, revoke
from access.keys.wish import KeyWish
from database import pool
from tests.conftest import run

BY = By("test")


class Made(NamedTuple):
    """A key as its bearer has it."""

    id: str
    text: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.text}"}


def make(dsn: str, name: str, scopes: Sequence[str], **more: Any) -> Made:
    """A new key. more: services, expires_at."""

    async def made() -> Made:
        connection = await pool.connect(dsn)
        try:
            async with connection.transaction():
                wish = KeyWish.model_validate({"name": name, "scopes": list(scopes), **more})
                row, text = await create(connection, wish, BY)
            return Made(row["id"], text)
        finally:
            await connection.close()

    return run(made())


def take_back(dsn: str, key: Made) -> None:
    async def taken_back() -> None:
        connection = await pool.connect(dsn)
        try:
            async with connection.transaction():
                assert await revoke(connection, key.id, BY)
        finally:
            await connection.close()

    run(taken_back())


def expire(dsn: str, key: Made, at: datetime) -> None:
    async def expired() -> None:
        connection = await pool.connect(dsn)
        try:
            await connection.execute("UPDATE enterprise.access_keys SET expires_at = $2 WHERE id = $1", key.id, at)
        finally:
            await connection.close()

    run(expired())
