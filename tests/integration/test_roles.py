"""The group roles: what each needs, seen by logins that use it, and nothing more, seen by logins that try."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from database import partitions, pool, roles
from tests.conftest import copied, execute, run
from tests.otelgres_process import plain_environment
from tests.rows import fetch, value
from tests.served_api import sql

SPAN = (
    "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
    "VALUES (repeat('a', 32), repeat('b', 16), 'op', now())"
)
LOG = "INSERT INTO enterprise.structured_logs (level, logger_name, message) VALUES ('INFO', 'a', 'm')"
# Secrets, people, what they keep to themselves, and what only jobs and the engine work with.
OWNERS = {
    "role_privileges",
    "access_keys",
    "access_audit",
    "people",
    "sessions",
    "sign_in_attempts",
    "known_networks",
    "signing_keys",
    "saved_views",
    "deletions",
    "deletion_traces",
    "deletion_series",
    "alert_channels",
    "alert_channel_secrets",
    "alert_notices",
    "alert_attempts",
    "alert_audit",
}
WRITTEN = {
    "traces",
    "trace_spans",
    "structured_logs",
    "metric_series",
    "metric_bounds",
    "metric_points",
    "resources",
    "scopes",
    "operations",
    "ingest_batches",
    "writers",
    "operation_deltas",
    "log_deltas",
    "spools",
    "ingest_report",
}
RELATIONS = (
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'enterprise'::regnamespace "
    "AND relkind IN ('r', 'p', 'v', 'm') AND NOT relispartition"
)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def login(database: str) -> Iterator[Callable[[str], str]]:
    """The DSN of a login that has one group role, made once for each."""
    made: dict[str, str] = {}

    def dsn_of(role: str) -> str:
        name = f"{role}_{uuid.uuid4().hex[:8]}"
        parts = urlsplit(database)
        run(execute(database, f"CREATE ROLE {name} LOGIN INHERIT PASSWORD 'pw' IN ROLE {role}"))
        made[name] = role
        return parts._replace(netloc=f"{name}:pw@{parts.netloc.rpartition('@')[2]}").geturl()

    yield dsn_of
    for name in made:
        run(execute(database, f"DROP OWNED BY {name}; DROP ROLE {name}"))


@pytest.fixture(scope="module")
def logins(login: Callable[[str], str]) -> dict[str, str]:
    return {role: login(role) for role in roles.PURPOSES}


@pytest.fixture
async def owner(database: str) -> AsyncIterator[Any]:
    connection = await pool.connect(database)
    yield connection
    await connection.close()


def may(database: str, role: str, privilege: str) -> set[str]:
    granted = f"has_table_privilege('{role}', oid, '{privilege}')"
    return {row[0] for row in sql(database, f"{RELATIONS} AND {granted}")}


def test_every_table_is_somebodys_by_decision(database: str) -> None:
    """A new table belongs into role_privileges, or here among those of the owner."""
    everything = {row[0] for row in sql(database, RELATIONS)}
    granted = set().union(*(may(database, role, "SELECT") for role in roles.PURPOSES))
    assert granted | OWNERS == everything
    assert granted & OWNERS == set()


@pytest.mark.parametrize("role", roles.PURPOSES)
@pytest.mark.parametrize("privilege", ["INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"])
def test_only_writers_change_anything_and_only_telemetry(database: str, role: str, privilege: str) -> None:
    writes = role == "otelgres_writer" and privilege in ("INSERT", "UPDATE", "DELETE")
    assert may(database, role, privilege) == (WRITTEN if writes else set())


def test_who_reads_for_dashboards_or_rules_reads_less_than_a_reader(database: str) -> None:
    reader = may(database, "otelgres_reader", "SELECT")
    for role in ("otelgres_grafana", "otelgres_alert_sql"):
        assert may(database, role, "SELECT") < reader


async def test_a_writer_writes_and_copies_into_partitions_made_later(
    owner: Any, logins: dict[str, str], database: str
) -> None:
    await partitions.ensure(owner, datetime.now(UTC) + timedelta(days=2), 1)
    writer = logins["otelgres_writer"]
    for statement in (SPAN, LOG, "DELETE FROM enterprise.structured_logs"):
        await execute(writer, statement)
    leaf = await value(
        database,
        "SELECT child FROM enterprise.partitions WHERE parent::text LIKE '%structured_logs' AND NOT is_default "
        "ORDER BY upper_bound DESC LIMIT 1",
    )
    unlike = await fetch(
        database,
        "SELECT c.relname FROM pg_class AS c JOIN pg_class AS p ON p.oid = pg_partition_root(c.oid) "
        "WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = 'enterprise'::regnamespace "
        "AND has_table_privilege('otelgres_writer', c.oid, 'INSERT') IS DISTINCT FROM "
        "has_table_privilege('otelgres_writer', p.oid, 'INSERT')",
    )
    assert (bool(leaf), unlike) == (True, [])
    connection = await asyncpg.connect(writer)
    try:
        copied_rows = await connection.copy_records_to_table(
            str(leaf).rpartition(".")[2].strip('"'), schema_name="enterprise", records=[], columns=["message"]
        )
    finally:
        await connection.close()
    assert copied_rows == "COPY 0"


async def test_readers_read_what_they_need(database: str, logins: dict[str, str]) -> None:
    await execute(database, SPAN)
    for role in ("otelgres_reader", "otelgres_grafana", "otelgres_alert_sql"):
        for relation in ("traces", "trace_spans", "structured_logs", "metrics", "llm_call_metrics", "alert_rules"):
            await value(logins[role], f"SELECT count(*) FROM enterprise.{relation}")
        assert await value(logins[role], "SELECT count(*) FROM enterprise.trace_spans") > 0


REFUSED = {
    "reads keys": "SELECT * FROM enterprise.access_keys",
    "reads digests": "SELECT digest FROM enterprise.access_keys",
    "reads the audit": "SELECT * FROM enterprise.access_audit",
    "reads accounts": "SELECT * FROM enterprise.people",
    "reads sessions": "SELECT * FROM enterprise.sessions",
    "reads what cookies are signed with": "SELECT * FROM enterprise.signing_keys",
    "reads secrets of channels": "SELECT * FROM enterprise.alert_channel_secrets",
    "makes a key": "INSERT INTO enterprise.access_keys (id, name, digest, scopes) "
    "VALUES ('0', 'mine', sha256('x'), '{read}')",
    "makes an admin": "UPDATE enterprise.people SET role = 'admin'",
    "writes the audit": "INSERT INTO enterprise.access_audit (actor, action, subject) VALUES ('a', 'b', 'c')",
    "empties the audit": "TRUNCATE enterprise.access_audit",
    "writes SQL that the engine runs": "UPDATE enterprise.alert_rules SET custom_sql = 'SELECT 1'",
    "takes the lead": "UPDATE enterprise.leases SET expires_at = now()",
    "forges a migration": "INSERT INTO enterprise.schema_migrations VALUES (999, 'x', 'y')",
    "empties traces": "TRUNCATE enterprise.traces",
    "drops a table": "DROP TABLE enterprise.resources",
    "detaches a partition": "ALTER TABLE enterprise.trace_spans DETACH PARTITION enterprise.trace_spans_default",
    "makes a table": "CREATE TABLE enterprise.mine (x int)",
    "makes a function": "CREATE FUNCTION enterprise.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "replaces a function": "CREATE OR REPLACE FUNCTION enterprise.short_name(name text) RETURNS text "
    "LANGUAGE sql AS 'SELECT 1'",
    "switches a trigger off": "ALTER TABLE enterprise.access_audit DISABLE TRIGGER ALL",
    "plays a replica": "SET session_replication_role = replica",
    "grants itself": "SELECT enterprise.grant_roles()",
    "grants directly": "GRANT SELECT ON enterprise.access_keys TO CURRENT_USER",
    "becomes the owner": "SET ROLE otelgres",
    "makes a role": "CREATE ROLE mine SUPERUSER",
    "runs a program": "COPY (SELECT 1) TO PROGRAM 'true'",
    "reads a file": "SELECT pg_read_file('/etc/passwd')",
}


@pytest.mark.parametrize("attempt", REFUSED)
@pytest.mark.parametrize("role", roles.PURPOSES)
async def test_who_tries_more_is_refused(logins: dict[str, str], role: str, attempt: str) -> None:
    with pytest.raises(
        (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedObjectError, asyncpg.InvalidParameterValueError)
    ):
        await execute(logins[role], REFUSED[attempt])


@pytest.mark.parametrize("role", [role for role in roles.PURPOSES if role != "otelgres_writer"])
async def test_readers_write_nothing(logins: dict[str, str], role: str) -> None:
    for statement in (SPAN, LOG, "DELETE FROM enterprise.traces", "UPDATE enterprise.traces SET status = 'error'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await execute(logins[role], statement)


async def test_what_is_made_later_is_its_owners_alone(owner: Any, logins: dict[str, str]) -> None:
    undone = owner.transaction()
    await undone.start()
    await owner.execute("CREATE TABLE enterprise.later (x int)")
    for role in roles.PURPOSES:
        assert not await owner.fetchval("SELECT has_table_privilege($1, 'enterprise.later', 'SELECT')", role)
    await undone.rollback()


async def test_grants_that_were_lost_or_added_are_put_right_and_an_admins_to_custom_sql_stay(owner: Any) -> None:
    undone = owner.transaction()
    await undone.start()
    await owner.execute(
        "REVOKE ALL ON enterprise.traces FROM otelgres_writer; GRANT ALL ON enterprise.people TO otelgres_reader; "
        "GRANT SELECT ON enterprise.edges TO otelgres_alert_sql"
    )
    assert await roles.apply(owner) == []
    for role, relation, privilege, expected in (
        ("otelgres_writer", "traces", "INSERT", True),
        ("otelgres_reader", "people", "SELECT", False),
        ("otelgres_alert_sql", "edges", "SELECT", True),
    ):
        granted = "SELECT has_table_privilege($1, 'enterprise.' || $2, $3)"
        assert await owner.fetchval(granted, role, relation, privilege) is expected
    await undone.rollback()


async def test_a_role_that_was_missing_is_made_and_granted(owner: Any) -> None:
    """Roles belong to the whole server, so the missing one is one of another name, for a moment."""
    undone = owner.transaction()
    await undone.start()
    await owner.execute("ALTER ROLE otelgres_grafana RENAME TO otelgres_elsewhere")
    assert "CREATE ROLE otelgres_grafana NOLOGIN;" in await roles.script(owner)
    assert await roles.apply(owner) == ["otelgres_grafana"]
    assert await owner.fetchval("SELECT has_table_privilege('otelgres_grafana', 'enterprise.traces', 'SELECT')")
    await undone.rollback()


async def test_what_is_printed_can_be_run(owner: Any, database: str) -> None:
    done = await asyncio.to_thread(otelgres, database)
    assert done.returncode == 0, done.stderr
    printed = done.stdout
    assert "PASSWORD 'pw'" not in printed
    undone = owner.transaction()
    await undone.start()
    await owner.execute("REVOKE ALL ON enterprise.traces FROM otelgres_reader")
    await owner.execute(printed)
    assert await owner.fetchval("SELECT has_table_privilege('otelgres_reader', 'enterprise.traces', 'SELECT')")
    await undone.rollback()


def test_the_command_applies(database: str) -> None:
    done = otelgres(database, "--apply")
    assert (done.returncode, done.stdout) == (0, "granted: each what it needs\n"), done.stderr


def otelgres(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", "roles", *arguments]
    return subprocess.run(command, env=plain_environment() | {"OTELGRES_DSN": dsn}, capture_output=True, text=True)
