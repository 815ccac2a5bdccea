"""Who can come in: keys of senders and scripts, and people."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from database.queries import load
from server.access import people_of, takes_keys
from server.doctor.finding import Finding, note, ok, problem, warning
from server.doctor.wording import names, span
from server.first_steps import SQL as FIRST_STEPS
from server.settings import Settings

SQL = load(__package__)
SIGNALS = frozenset(("traces", "logs", "metrics"))
SOON = timedelta(days=14)
UNUSED_AFTER = timedelta(days=30)
MAKE_KEY = "otelgres key create NAME"


class Key(NamedTuple):
    """One that is not revoked."""

    name: str
    scopes: Sequence[str]
    created: datetime
    expires: datetime | None
    used: datetime | None


async def keys(settings: Settings, connection: Any) -> list[Finding]:
    rows = await connection.fetch(SQL["keys"])
    found = [Key(row["name"], row["scopes"], row["created_at"], row["expires_at"], row["last_used_at"]) for row in rows]
    now: datetime = await connection.fetchval(SQL["now"])
    return judge(found, now, needed=takes_keys(settings) and settings.ingest_token is None)


def judge(found: Sequence[Key], now: datetime, *, needed: bool) -> list[Finding]:
    """needed: senders come in by a key alone."""
    return list(_judge(found, now, needed)) or [ok("no key has expired, nor will it soon")]


def _judge(found: Sequence[Key], now: datetime, needed: bool) -> Iterable[Finding]:
    opens = [key for key in found if key.expires is None or key.expires > now]
    if needed and not any(SIGNALS & set(key.scopes) for key in opens):
        yield problem("senders need a key, and there is none: nobody can send", MAKE_KEY)
    for key in found:
        if key.expires is not None and key.expires <= now:
            was_used = key.used is not None and key.used > key.expires - timedelta(days=1)
            text = f"the key {key.name!r} expired {span((now - key.expires).total_seconds())} ago"
            if was_used:
                yield warning(f"{text} while it was in use", f"give its bearer another ({MAKE_KEY}), and revoke it")
            else:
                yield note(text, f"otelgres key revoke '{key.name}'")
        elif key.expires is not None and key.expires < now + SOON:
            left = span((key.expires - now).total_seconds())
            yield warning(f"the key {key.name!r} expires in {left}", f"give its bearer another in time ({MAKE_KEY})")
    unused = [key.name for key in opens if key.used is None and key.created < now - UNUSED_AFTER]
    if unused:
        yield note(
            f"keys that nobody used in {span(UNUSED_AFTER.total_seconds())}: {names(unused)}",
            "revoke what nobody needs",
        )


async def people(settings: Settings, connection: Any) -> list[Finding]:
    if people_of(settings) != "accounts":
        return [ok(f"people come in by OTELGRES_PEOPLE={people_of(settings)}")]
    if await connection.fetchval(FIRST_STEPS["any_admin"]) or settings.admin_token is not None:
        return [ok("an admin can sign in")]
    return [problem("nobody can sign in as admin", "otelgres user create --role admin you@example.com")]
