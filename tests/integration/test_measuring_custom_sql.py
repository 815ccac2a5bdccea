"""custom_sql: what it measures, what it refuses, and that hostile statements change and read nothing."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from alerting.measurements import Failed, Measured
from alerting.measuring import custom_sql, sql_login
from alerting.measuring.measuring import measure
from alerting.measuring.sources import Sources, open_sources
from tests.conftest import copied, execute, run
from tests.measured import by_labels, failure, measured, rule
from tests.served_api import sql

NOW = datetime.now(UTC)
SECRET = "hunter2-hunter2"
FILL = (
    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
    "SELECT $1::timestamptz - i * interval '1 minute', 'ERROR', 'l', 'm', 'service ' || i % 3 "
    "FROM generate_series(1, 12) AS i"
)
# Whatever a statement could leave behind.
TRACES_LEFT = """
SELECT (SELECT count(*) FROM enterprise.structured_logs) AS logs,
       (SELECT count(*) FROM enterprise.alert_rules) AS rules,
       (SELECT md5(string_agg(c::text, '' ORDER BY c.oid)) FROM pg_class AS c
        WHERE c.relnamespace IN ('enterprise'::regnamespace, 'public'::regnamespace)) AS relations,
       (SELECT count(*) FROM pg_proc) AS functions,
       (SELECT string_agg(r::text, '' ORDER BY r.oid) FROM pg_roles AS r) AS roles,
       (SELECT count(*) FROM pg_db_role_setting) AS settings,
       (SELECT count(*) FROM pg_largeobject_metadata) AS objects,
       (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks,
       (SELECT count(*) FROM pg_extension) AS extensions,
       (SELECT count(*) FROM pg_prepared_xacts) AS prepared
"""


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        sql(dsn, FILL, NOW)
        sql(dsn, "INSERT INTO enterprise.alert_channels (name, kind) VALUES ('ours', 'webhook')")
        sql(
            dsn,
            "INSERT INTO enterprise.alert_channel_secrets VALUES ('ours', jsonb_build_object('token', $1::text))",
            SECRET,
        )
        sql(dsn, "CREATE SEQUENCE public.numbers")
        sql(dsn, "GRANT USAGE ON SCHEMA public TO otelgres_alert_sql")
        yield dsn


@pytest.fixture(scope="module")
def login(database: str) -> str:
    """The DSN that custom_sql runs by."""
    return run(sql_login.set_up(database))


@pytest.fixture
async def sources(database: str, login: str) -> AsyncIterator[Sources]:
    async with open_sources(database, login) as opened:
        yield opened


async def found(sources: Sources, statement: str, **fields: Any) -> Measured | Failed:
    return await measure(rule("custom_sql", custom_sql=statement, **fields), sources, NOW)


async def values(sources: Sources, statement: str, **fields: Any) -> dict[tuple[str, ...], float | None]:
    outcome = await found(sources, statement, **fields)
    assert isinstance(outcome, Measured), outcome
    return by_labels(outcome)


async def refusal(sources: Sources, statement: str) -> str:
    outcome = await found(sources, statement)
    assert isinstance(outcome, Failed), outcome
    return outcome.error


async def test_one_number_is_the_value(sources: Sources) -> None:
    assert await values(sources, "SELECT count(*) FROM enterprise.structured_logs;") == {(): 12.0}
    assert await values(sources, "SELECT 'ignored'::bytea, 2.5::numeric AS a, 7 AS b -- the rest") == {(): 2.5}
    assert await values(sources, "SELECT NULL::float8") == {(): None}
    assert await values(sources, "SELECT 1 WHERE false") == {(): None}


async def test_the_parameters_are_the_window(sources: Sources) -> None:
    counted = "SELECT count(*) FROM enterprise.structured_logs WHERE timestamp >= $1 AND timestamp < $2"
    assert await values(sources, counted, minutes=5) == {(): 5.0}
    assert await values(sources, "SELECT extract(epoch FROM $2)") == {(): pytest.approx(NOW.timestamp())}


async def test_text_columns_are_labels(sources: Sources) -> None:
    statement = "SELECT service_name AS service, level, count(*) FROM enterprise.structured_logs GROUP BY 1, 2"
    assert await values(sources, statement) == {
        ("ERROR", "service 0"): 4.0,
        ("ERROR", "service 1"): 4.0,
        ("ERROR", "service 2"): 4.0,
    }
    assert await values(sources, "SELECT NULL::text AS who, 1") == {("",): 1.0}
    assert await values(sources, "SELECT 'a'::text AS who, 1 WHERE false") == {}


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT 'text' AS label", "no column is a number"),
        ("SELECT generate_series(1, 2)", "no text column to tell them apart"),
        ("SELECT 'same' AS label, generate_series(1, 2)", "two rows have the same labels"),
        ("SELECT 'a' AS x, 'b' AS x, 1", "each with its name"),
        ("SELECT 'unnamed', 1", "each with its name"),
        ("SELECT " + ", ".join(f"'a' AS a{i}" for i in range(9)) + ", 1", "at most 8"),
        ("SELECT i::text AS i, i FROM generate_series(1, 1001) AS i", "more than 1000 label sets"),
        ("SELECT repeat('x', 501) AS i, 1", "more than 500 characters"),
        ("SELECT 1e400", "out of range"),
        ("SELECT $3::int", "two parameters"),
        ("", "missing"),
    ],
)
async def test_what_is_no_measurement_is_refused_and_says_why(sources: Sources, statement: str, reason: str) -> None:
    assert reason in await refusal(sources, statement)


# At most three of a kind. What may succeed gives no more than the number beside it.
HOSTILE: dict[str, tuple[str, ...]] = {
    "writes": (
        "DELETE FROM enterprise.structured_logs RETURNING 1",
        "WITH gone AS (DELETE FROM enterprise.structured_logs RETURNING 1) SELECT count(*) FROM gone",
        "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold) VALUES ('x', 'x', 'gt', 1) "
        "RETURNING 1",
    ),
    "definitions": (
        "CREATE TABLE public.mine AS SELECT 1",
        "SELECT 1 AS one INTO TEMPORARY mine",
        "DROP SCHEMA enterprise CASCADE",
    ),
    "functions that do something": (
        "SELECT setval('public.numbers', 1000)",
        "SELECT (pg_logical_emit_message(false, 'x', repeat('x', 1000000)) IS NULL)::int",
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity",
    ),
    "files": (
        "SELECT length(pg_read_file('/etc/passwd'))",
        "SELECT count(*) FROM pg_ls_dir('/')",
        "COPY (SELECT 1) TO PROGRAM 'touch was-here'",
    ),
    "other databases": (
        "SELECT * FROM dblink('dbname=postgres', 'SELECT 1') AS t(x int)",
        "CREATE EXTENSION dblink",
    ),
    "roles": (
        "SELECT length(set_config('role', 'otelgres_writer', false))",
        "SELECT length(set_config('session_authorization', 'postgres', false))",
        "ALTER ROLE otelgres_alert_sql SUPERUSER",
    ),
    "sleep": ("SELECT count(pg_sleep(60))", "SELECT count(pg_sleep_for('1 minute'))"),
    "cost": (
        "SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b",
        "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n FROM endless) SELECT count(*) FROM endless",
        "SELECT count(*) FROM (SELECT i, repeat('x', 1000) FROM generate_series(1, 100000000) AS i ORDER BY 2) AS s",
    ),
    "secrets": (
        "SELECT count(*) FROM pg_authid WHERE rolpassword IS NOT NULL",
        "SELECT secrets ->> 'token' AS token, 1 FROM enterprise.alert_channel_secrets",
        "SELECT length(query_to_xml('SELECT * FROM enterprise.alert_channel_secrets', true, true, '')::text)",
    ),
    "statistics of secrets": (
        "SELECT count(*) FROM pg_statistic",
        "SELECT 1 / count(*) FROM pg_stats WHERE tablename = 'alert_channel_secrets'",
    ),
    "tables that are not granted": (
        "SELECT count(*) FROM enterprise.leases",
        "SELECT count(*) FROM enterprise.alert_channels",
        "SELECT count(*) FROM enterprise.structured_logs_default",
    ),
    "large objects": (
        "SELECT lo_create(0)::int8",
        "SELECT lo_from_bytea(0, 'x')::int8",
        "SELECT length(lo_get(1))",
    ),
    "advisory locks": (
        "SELECT count(pg_advisory_lock(1))",
        "SELECT pg_try_advisory_lock(2)::int",
        "SELECT count(pg_advisory_xact_lock_shared(3))",
    ),
    "notices": ("SELECT count(pg_notify('new_log', '{}'))", "NOTIFY new_log", "LISTEN new_log"),
    "several statements": (
        "SELECT 1; DROP TABLE enterprise.alert_rules",
        "SELECT 1) AS measured; DELETE FROM enterprise.alert_rules; SELECT * FROM (SELECT 1",
        "SELECT 1) AS measured; COMMIT; DROP TABLE enterprise.alert_rules; --",
    ),
    "out of the frame": (
        "SELECT 1) AS m UNION ALL SELECT * FROM (SELECT i, i, i FROM generate_series(1, 10) AS i",
        "SELECT 1 /*",
        "SELECT 1) AS measured(c0) --",
    ),
    "settings": (
        "SET statement_timeout = 0",
        "RESET ALL",
        "SELECT length(set_config('transaction_read_only', 'off', false))",
    ),
    "blocks": ("DO $$ BEGIN PERFORM 1; END $$", "DECLARE all_logs CURSOR FOR SELECT 1", "CALL nobody()"),
    "prepared": ("PREPARE one AS SELECT 1", "EXECUTE one", "DEALLOCATE ALL"),
    "locks": (
        "LOCK TABLE enterprise.structured_logs",
        "SELECT 1 FROM enterprise.structured_logs FOR UPDATE",
        "SELECT 1 FROM enterprise.alert_rules FOR KEY SHARE",
    ),
    "transactions": ("COMMIT", "BEGIN READ WRITE", "PREPARE TRANSACTION 'x'"),
    "upkeep": ("VACUUM", "TRUNCATE enterprise.structured_logs", "EXPLAIN ANALYZE SELECT 1"),
}
STATEMENTS = [statement for kind in HOSTILE.values() for statement in kind]


def test_there_are_enough_hostile_statements_and_not_too_many_of_a_kind() -> None:
    assert len(STATEMENTS) >= 30
    assert max(map(len, HOSTILE.values())) <= 3


@pytest.mark.parametrize("statement", STATEMENTS)
async def test_a_hostile_statement_fails_and_leaves_nothing_behind(
    database: str, sources: Sources, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(custom_sql.SESSION, "statement_timeout", "1s")
    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = await asyncpg.connect(database)
    try:
        await listener.add_listener("new_log", lambda *announced: heard.put_nowait(announced[-1]))
        before = sql(database, TRACES_LEFT)
        began = monotonic()
        error = await refusal(sources, statement)
        assert monotonic() - began < 5
        assert SECRET not in error
        assert sql(database, TRACES_LEFT) == before
        assert await values(sources, "SELECT count(*) FROM enterprise.structured_logs") == {(): 12.0}
        # In the order of commits: what was announced before would come first.
        await listener.execute("SELECT pg_notify('new_log', 'the last')")
        assert await asyncio.wait_for(heard.get(), 10) == "the last"
    finally:
        await listener.close()


async def test_a_statement_cannot_lift_its_own_time_limit(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(custom_sql.SESSION, "statement_timeout", "500ms")
    endless = (
        "SELECT count(*) FROM (SELECT set_config('statement_timeout', '0', false)) AS s, "
        "generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b"
    )
    assert "took longer" in await refusal(sources, endless)


async def test_settings_do_not_outlive_their_statement(sources: Sources) -> None:
    await values(sources, "SELECT length(set_config('work_mem', '1GB', false))")
    assert await values(sources, "SELECT (current_setting('work_mem') = '16MB')::int") == {(): 1.0}


async def test_what_an_admin_grants_is_read(database: str, sources: Sources) -> None:
    sql(database, "CREATE TABLE public.orders AS SELECT 41 AS amount")
    assert "permission denied" in await refusal(sources, "SELECT amount FROM public.orders")
    sql(database, "GRANT SELECT ON public.orders TO otelgres_alert_sql")
    assert await values(sources, "SELECT amount + 1 FROM public.orders") == {(): 42.0}


async def test_without_a_login_of_its_own_it_is_refused(database: str) -> None:
    given = rule("custom_sql", custom_sql="SELECT 1")
    error = await failure(database, given, NOW)
    assert "OTELGRES_ALERT_SQL_DSN" in error
    assert "otelgres_alert_sql" in error


async def test_the_owner_is_no_login_for_it(database: str) -> None:
    error = await failure(database, rule("custom_sql", custom_sql="SELECT 1"), NOW, sql_dsn=database)
    assert "may do more than read" in error
    assert "NOSUPERUSER" in error


@pytest.mark.parametrize(
    ("granted", "taken", "named"),
    [
        (
            "GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO PUBLIC",
            "REVOKE EXECUTE ON FUNCTION pg_advisory_lock(bigint) FROM PUBLIC",
            "pg_advisory_lock(bigint)",
        ),
        (
            "CREATE FUNCTION public.mighty() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
            "DROP FUNCTION public.mighty()",
            "mighty()",
        ),
        (
            "GRANT DELETE ON enterprise.structured_logs TO otelgres_alert_sql",
            "REVOKE DELETE ON enterprise.structured_logs FROM otelgres_alert_sql",
            "enterprise.structured_logs",
        ),
        (
            "GRANT pg_read_server_files TO otelgres_alert_sql",
            "REVOKE pg_read_server_files FROM otelgres_alert_sql",
            "pg_read_server_files",
        ),
        (
            "GRANT SELECT ON enterprise.alert_channel_secrets TO otelgres_alert_sql",
            "REVOKE SELECT ON enterprise.alert_channel_secrets FROM otelgres_alert_sql",
            "alert_channel_secrets",
        ),
        *(
            (
                f"GRANT SELECT ON {table} TO otelgres_alert_sql",
                f"REVOKE SELECT ON {table} FROM otelgres_alert_sql",
                table,
            )
            for table in (
                "enterprise.access_keys",
                "enterprise.people",
                "enterprise.sessions",
                "enterprise.sign_in_attempts",
                "enterprise.signing_keys",
            )
        ),
    ],
)
async def test_a_login_that_may_more_is_refused_and_told_what_to_revoke(
    database: str, sources: Sources, granted: str, taken: str, named: str
) -> None:
    await execute(database, granted)
    try:
        error = await refusal(sources, "SELECT 1")
        assert named in error
        assert "REVOKE" in error
    finally:
        await execute(database, taken)
    assert await values(sources, "SELECT 1") == {(): 1.0}


async def test_where_it_is_not_prepared_the_remedy_of_the_refusal_suffices(
    postgres_dsn: str, template_database: str, login: str
) -> None:
    """As of a PostgreSQL that is not ours: an admin runs what the message says."""
    for dsn in copied(postgres_dsn, template_database):
        same_role = login.replace(_name(login), _name(dsn))
        given = rule("custom_sql", custom_sql="SELECT count(*) FROM enterprise.traces")
        error = await failure(dsn, given, NOW, same_role)
        await execute(dsn, error.partition("As an owner: ")[2])
        assert by_labels(await measured(dsn, given, NOW, same_role)) == {(): 0.0}


async def test_writers_and_readers_keep_what_is_taken_from_the_public(database: str, login: str) -> None:
    for role in ("otelgres_writer", "otelgres_reader"):
        for function in ("pg_notify(text, text)", "pg_advisory_lock(bigint)"):
            assert sql(database, "SELECT has_function_privilege($1, $2::text, 'EXECUTE')", role, function)[0][0]


async def test_a_login_that_cannot_connect_is_told_in_words(database: str, login: str) -> None:
    wrong = login.replace("otelgres_alert_sql:", "otelgres_alert_sql:not-")
    error = await failure(database, rule("custom_sql", custom_sql="SELECT 1"), NOW, wrong)
    assert "password authentication failed" in error
    assert login.partition("otelgres_alert_sql:")[2].partition("@")[0] not in error


async def test_more_at_once_than_there_are_places_wait_for_their_turn(sources: Sources) -> None:
    counted = "SELECT count(*) FROM enterprise.structured_logs"
    assert await asyncio.gather(*(values(sources, counted) for _ in range(12))) == [{(): 12.0}] * 12


def _name(dsn: str) -> str:
    """Of the database."""
    return urlsplit(dsn).path.removeprefix("/")
