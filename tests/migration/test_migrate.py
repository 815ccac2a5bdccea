"""The runner: order, concurrency, refusals, the way back."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from database import migrate, migration_files, partitions, pool
from database.migrate import MigrationError
from tests.migration.programs import catalogue

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'enterprise.structured_logs'::regclass"
VERSIONS = [migration.version for migration in migration_files.known()]


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(empty_database)
    yield connection
    await connection.close()


async def relations(connection: Any) -> list[str]:
    rows = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('enterprise') ORDER BY 1"
    )
    return [row["relname"] for row in rows]


async def test_all_are_applied_in_order_and_once(empty_database: str) -> None:
    first = await migrate.migrate(empty_database)
    assert [applied.version for applied in first] == VERSIONS
    assert list(range(8, 8 + len(VERSIONS))) == VERSIONS
    assert await migrate.migrate(empty_database) == []


async def test_a_complete_database_is_ready_and_has_no_problems(empty_database: str) -> None:
    await migrate.migrate(empty_database)
    status = await migrate.check(empty_database)
    assert status.ready
    assert status.problems() == []


async def test_an_empty_database_is_told_to_migrate_and_left_empty(empty_database: str, connection: Any) -> None:
    status = await migrate.check(empty_database)
    assert list(status.pending) == VERSIONS
    assert not status.ready
    assert "run `otelgres migrate`" in status.problems()[0]
    assert await connection.fetchval("SELECT to_regnamespace('enterprise') IS NULL")


async def test_four_that_start_at_once_apply_each_migration_once(empty_database: str) -> None:
    applied = await asyncio.gather(*(migrate.migrate(empty_database) for _ in range(4)))
    assert sorted(step.version for steps in applied for step in steps) == VERSIONS
    assert sorted(map(len, applied)) == [0, 0, 0, len(VERSIONS)]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_database: str, connection: Any) -> None:
    await migrate.migrate(empty_database)
    await connection.execute("INSERT INTO enterprise.schema_migrations VALUES (900, 'later', 'x')")
    before = await relations(connection)
    for refused in (migrate.migrate(empty_database), migrate.downgrade(empty_database, 0)):
        with pytest.raises(MigrationError, match=r"belongs to a newer Otelgres \(migrations 900\)"):
            await refused
    status = await migrate.check(empty_database)
    assert status.newer == (900,)
    assert not status.ready
    assert await relations(connection) == before


async def test_a_migration_applied_from_another_text_is_told(empty_database: str, connection: Any) -> None:
    await migrate.migrate(empty_database)
    await connection.execute("UPDATE enterprise.schema_migrations SET checksum = 'other' WHERE version = 9")
    status = await migrate.check(empty_database)
    assert status.drifted == (9,)
    assert status.ready
    assert "009" in status.problems()[0]


async def test_plain_tables_are_refused_by_one_line_and_nothing_is_made(empty_database: str, connection: Any) -> None:
    await connection.execute(
        "CREATE SCHEMA enterprise; CREATE TABLE enterprise.traces (id uuid, trace_id varchar(32));"
        "CREATE TABLE enterprise.trace_spans (id uuid)"
    )
    before = await relations(connection)
    with pytest.raises(MigrationError) as refusal:
        await migrate.migrate(empty_database)
    assert str(refusal.value) == (
        "Otelgres needs its own tables, but enterprise.trace_spans, enterprise.traces exist as plain tables: "
        "rename them, migrate, then copy their rows"
    )
    assert await relations(connection) == before


async def test_a_plain_log_table_is_refused_and_the_rest_stays(empty_database: str, connection: Any) -> None:
    await connection.execute("CREATE SCHEMA enterprise; CREATE TABLE enterprise.structured_logs (id uuid)")
    with pytest.raises(MigrationError, match=r"enterprise\.structured_logs exists as a plain table"):
        await migrate.migrate(empty_database)
    assert (await migrate.check(empty_database)).pending == tuple(VERSIONS[1:])
    await connection.execute("ALTER TABLE enterprise.structured_logs RENAME TO old_logs")
    assert [applied.version for applied in await migrate.migrate(empty_database)] == VERSIONS[1:]


async def test_a_default_rule_that_was_deleted_does_not_come_back(empty_database: str, connection: Any) -> None:
    await migrate.migrate(empty_database)
    assert await connection.fetchval("SELECT count(*) FROM enterprise.alert_rules") == 5
    await connection.execute("DELETE FROM enterprise.alert_rules WHERE name = 'LLM Cost Spike'")
    await connection.execute("DELETE FROM enterprise.schema_migrations")
    assert [applied.version for applied in await migrate.migrate(empty_database)] == VERSIONS
    assert await connection.fetchval("SELECT count(*) FROM enterprise.alert_rules") == 4


async def test_the_way_back_drops_all_that_was_made(empty_database: str, connection: Any) -> None:
    untouched = catalogue(empty_database)
    await migrate.migrate(empty_database)
    assert await migrate.downgrade(empty_database, 0) == VERSIONS[::-1]
    assert await connection.fetchval("SELECT to_regnamespace('enterprise') IS NULL")
    assert catalogue(empty_database) == untouched
    assert await migrate.downgrade(empty_database, 0) == []


async def test_the_way_back_stops_where_it_is_told_and_can_be_gone_again(empty_database: str, connection: Any) -> None:
    await migrate.migrate(empty_database)
    complete = catalogue(empty_database)
    assert await migrate.downgrade(empty_database, 9) == VERSIONS[:1:-1]
    remaining = await connection.fetch("SELECT version FROM enterprise.schema_migrations ORDER BY 1")
    assert [row["version"] for row in remaining] == [8, 9]
    await migrate.migrate(empty_database)
    assert catalogue(empty_database) == complete


async def test_the_way_back_keeps_a_schema_that_holds_other_tables(empty_database: str, connection: Any) -> None:
    await migrate.migrate(empty_database)
    await connection.execute("CREATE TABLE enterprise.of_the_user (id int)")
    await migrate.downgrade(empty_database, 0)
    assert await relations(connection) == ["of_the_user"]


async def test_tables_in_use_are_waited_for_in_short_turns(
    empty_database: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "50ms")
    await migrate.migrate(empty_database)
    await connection.execute("DELETE FROM enterprise.schema_migrations WHERE version >= 9")
    async with asyncio.TaskGroup() as tasks, connection.transaction():
        await connection.execute("LOCK TABLE enterprise.structured_logs IN SHARE MODE")
        run = tasks.create_task(migrate.migrate(empty_database))
        while not await connection.fetchval(WAITING):
            assert not run.done()
    assert [applied.version for applied in run.result()] == VERSIONS[1:]


async def test_tables_that_stay_in_use_end_in_one_line(
    empty_database: str, connection: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "20ms")
    monkeypatch.setattr(migrate, "LOCK_ATTEMPTS", 2)
    await migrate.migrate(empty_database)
    await connection.execute("DELETE FROM enterprise.schema_migrations WHERE version = 8")
    async with connection.transaction():
        await connection.execute("LOCK TABLE enterprise.traces IN SHARE MODE")
        with pytest.raises(MigrationError, match="migration 008_tracing_tables: other sessions hold its tables"):
            await migrate.migrate(empty_database)


async def test_a_foreign_relation_under_the_name_of_a_view_is_told(empty_database: str, connection: Any) -> None:
    await migrate.migrate(empty_database)
    await connection.execute("DROP VIEW enterprise.partitions; CREATE TABLE enterprise.partitions (id int)")
    status = await migrate.check(empty_database)
    assert status.foreign_views == ("partitions",)
    assert "enterprise.partitions exists and is not the view of Otelgres" in status.problems()[0]


@pytest.mark.parametrize(
    ("name", "relation"),
    [
        ("rag_metrics", "TABLE enterprise.rag_metrics (timestamp timestamptz, total_ms float)"),
        ("llm_call_metrics", "TABLE enterprise.llm_call_metrics (timestamp timestamptz, cost_usd numeric)"),
        ("cache_lookups", "VIEW enterprise.cache_lookups AS SELECT now() AS timestamp, true AS hit"),
        ("grafana_logs", "TABLE enterprise.grafana_logs (time timestamptz, body text)"),
    ],
)
async def test_somebodys_own_relations_stay_and_are_told(
    empty_database: str, connection: Any, name: str, relation: str
) -> None:
    await connection.execute(f"CREATE SCHEMA enterprise; CREATE {relation}")
    told = [warning for applied in await migrate.migrate(empty_database) for warning in applied.warnings]
    assert told == [f"enterprise.{name} exists and is not the view of Otelgres: it was left alone"]
    status = await migrate.check(empty_database)
    assert (status.foreign_views, status.ready) == ((name,), True)
    await migrate.downgrade(empty_database, 0)
    assert await relations(connection) == [name]


async def test_a_database_out_of_reach_is_one_line() -> None:
    with pytest.raises(MigrationError, match="cannot connect to the database: ") as refusal:
        await migrate.check("postgresql://nobody@127.0.0.1:1/nothing")
    assert "\n" not in str(refusal.value)


async def test_a_migration_that_fails_says_which_and_why_and_records_nothing(
    empty_database: str, connection: Any
) -> None:
    await connection.execute(
        "CREATE SCHEMA enterprise; CREATE TABLE enterprise.writers (writer text, batch text)",
    )
    await connection.execute("CREATE VIEW enterprise.resources AS SELECT 1 AS id")
    await connection.execute("CREATE VIEW enterprise.alert_rules AS SELECT 1 AS id")
    with pytest.raises(MigrationError, match=r"^migration 010_alert_tables: .+$"):
        await migrate.migrate(empty_database)
    assert (await migrate.check(empty_database)).pending == tuple(VERSIONS[2:])


async def test_missing_roles_are_told(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "ROLES", (*migrate.ROLES, "otelgres_nobody"))
    await migrate.migrate(empty_database)
    status = await migrate.check(empty_database)
    assert status.missing_roles == ("otelgres_nobody",)
    assert status.ready
    assert status.problems() == ["roles otelgres_nobody are missing: `otelgres roles` says how to create them"]


async def test_a_role_that_owns_the_database_and_nothing_else_can_migrate(empty_database: str, connection: Any) -> None:
    role = f"owner_{uuid.uuid4().hex[:8]}"
    name = await connection.fetchval("SELECT current_database()")
    await connection.execute(f"CREATE ROLE {role}; ALTER DATABASE {name} OWNER TO {role}; GRANT {role} TO current_user")
    await connection.execute(f"ALTER DATABASE {name} SET role = {role}")
    try:
        assert [applied.version for applied in await migrate.migrate(empty_database)] == VERSIONS
        other = await pool.connect(empty_database)
        assert (await partitions.ensure(other, datetime.now(UTC), 2)).postponed == []
        await other.close()
        assert await connection.fetchval("SELECT tableowner FROM pg_tables WHERE tablename = 'traces'") == role
    finally:
        await connection.execute(
            f"ALTER DATABASE {name} OWNER TO current_user; REASSIGN OWNED BY {role} TO current_user"
        )
        await connection.execute(f"ALTER DATABASE {name} RESET role; DROP OWNED BY {role}; DROP ROLE {role}")
