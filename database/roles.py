"""Group roles to grant to logins: what each is for, and what it may do."""

from collections.abc import Iterator
from typing import Any

from database import queries

SQL = queries.load(__package__)

PURPOSES = {
    "otelgres_writer": "programs that write telemetry themselves, by the exporter or by SQL",
    "otelgres_reader": "people who look into the tables: everything but secrets, people and what they keep",
    "otelgres_grafana": "dashboards: telemetry and alerts",
    "otelgres_alert_sql": "the custom_sql of alert rules; an admin may grant it more",
}
ATTRIBUTES = {"otelgres_alert_sql": "NOLOGIN NOINHERIT"}
LOGINS = """\
-- For a login, with a password of its own:
-- CREATE ROLE my_app LOGIN PASSWORD '…' IN ROLE otelgres_writer;
-- CREATE ROLE grafana LOGIN PASSWORD '…' IN ROLE otelgres_grafana;
-- ALTER ROLE grafana SET default_transaction_read_only = on;
-- ALTER ROLE grafana SET statement_timeout = '30s';"""


async def privileges(connection: Any) -> list[Any]:
    """What each role needs, by rows of role, privileges, relations and is_there: whether the role exists."""
    return list(await connection.fetch(SQL["role_privileges"]))


async def script(connection: Any) -> str:
    """SQL that makes the group roles that are missing and grants them what they need; it says what all are for."""
    rows = await privileges(connection)
    return "\n\n".join([*_statements(rows), LOGINS])


async def apply(connection: Any) -> list[str]:
    """Makes missing group roles and grants all of them what they need, and nothing else; returns those it made.

    The connection MUST be the owner's, and in a transaction. Where it may not create roles asyncpg says so.
    """
    rows = await privileges(connection)
    missing = [role for role in PURPOSES if role in {row["role"] for row in rows if not row["is_there"]}]
    for role in missing:
        await connection.execute(_creation(role))
    await connection.execute(SQL["grant_roles"])
    return missing


def _statements(rows: list[Any]) -> Iterator[str]:
    for role, purpose in PURPOSES.items():
        own = [row for row in rows if row["role"] == role]
        created = "-- It is there." if all(row["is_there"] for row in own) else _creation(role)
        grants = [f"GRANT {row['privileges']} ON\n    {_wrapped(row['relations'])}\n    TO {role};" for row in own]
        usage = f"GRANT USAGE ON SCHEMA enterprise TO {role};"
        yield "\n".join([f"-- {role}: {purpose}.", created, usage, *grants])


def _creation(role: str) -> str:
    return f"CREATE ROLE {role} {ATTRIBUTES.get(role, 'NOLOGIN')};"


def _wrapped(relations: list[str]) -> str:
    lines = [relations[start : start + 4] for start in range(0, len(relations), 4)]
    return ",\n    ".join(", ".join(line) for line in lines)
