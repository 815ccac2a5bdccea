"""Passwords: hashed by argon2, and checked in the same time whether there is such an account or not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST, LONGEST = 12, 256

_hasher = PasswordHash((Argon2Hasher(),))
# Each takes 64 MiB and a processor: further ones wait their turn, and nobody who sets a password for who guesses one.
_checking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords checked")
_setting = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords set")


class Unfit(ValueError):
    """The text is no password to take, and says why."""


def checked(password: str, email: str) -> str:
    """The password, if it may be one. Raises Unfit."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Unfit(f"a password has {SHORTEST} to {LONGEST} characters")
    if password.lower() in (email, email.partition("@")[0]) or len(set(password)) < 5:
        raise Unfit("this password is too easy to guess")
    return password


async def hashed(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_setting, _hasher.hash, password)


async def matches(password: str, known: str | None) -> tuple[bool, str | None]:
    """Whether it is the one of this hash, and the hash to keep instead where that one is out of date.

    Without a known one it is never right, and takes as long.
    """

    def compare() -> tuple[bool, str | None]:
        nobodys = _nobodys()
        return _hasher.verify_and_update(password, nobodys if known is None else known)

    right, renewed = await asyncio.get_running_loop().run_in_executor(_checking, compare)
    return (right, renewed) if known is not None else (False, None)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
