"""What the API answers while something is wrong, and that it recovers."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import asyncpg
import httpx
import pytest

from server import app
from server.embedded import EmbeddedPostgres
from tests import polling
from tests.prepared_database import prepare, short_settings
from tests.reachable import reachable_directory
from tests.rows import until
from tests.served_api import served_api, sql

READS = [
    "/api/observability/traces",
    f"/api/observability/traces/{'ab' * 16}",
    "/api/observability/logs",
    f"/api/observability/logs/{uuid4()}",
    f"/api/observability/logs/{uuid4()}/context",
    "/api/observability/logs/export",
    "/api/observability/logs/stats/levels",
    "/api/observability/logs/stats/histogram?q=word",
    "/api/observability/ingest",
    "/api/observability/search/progress",
    "/api/observability/alerts/rules",
    "/api/observability/alerts/instances?active=true",
    f"/api/observability/alerts/instances/{uuid4()}",
    "/api/observability/alerts/history",
    "/api/observability/alerts/counts",
]


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of this test's own, to stop and start; its database is migrated."""
    with reachable_directory() as directory, EmbeddedPostgres(directory / "data") as server:
        asyncio.run(prepare(server.dsn, short_settings()))
        yield server


def test_while_the_database_is_away_every_read_is_503_and_afterwards_all_work_again(
    postgres: EmbeddedPostgres,
) -> None:
    with served_api(postgres.dsn) as api:
        assert api.get(READS[0]).status_code == 200
        assert api.get("/readyz").json() == {"status": "ready", "reasons": []}
        postgres.stop()
        for path in READS:
            answer = api.get(path)
            assert (answer.status_code, list(answer.json())) == (503, ["detail"])
            assert "database cannot be reached" in answer.json()["detail"]
        polling.until(lambda: api.get("/readyz").status_code == 503)
        unready = api.get("/readyz").json()
        assert unready["status"] == "unready"
        assert unready["reasons"]
        assert api.get("/healthz").json() == {"status": "ok"}
        postgres.start()
        unknown = [path for path in READS if api.get(path).status_code == 404]
        assert unknown == [READS[1], READS[3], READS[4], READS[12]]
        assert {api.get(path).status_code for path in READS if path not in unknown} == {200}
        polling.until(lambda: api.get("/readyz").status_code == 200)


def test_a_crowd_of_probes_takes_one_connection(database: str) -> None:
    connected = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

    async def crowd(api: httpx.Client) -> tuple[list[int], int]:
        async with httpx.AsyncClient(base_url=api.base_url, limits=httpx.Limits(max_connections=200)) as client:
            probes = [asyncio.create_task(client.get("/readyz")) for _ in range(200)]
            most = 0
            while not all(probe.done() for probe in probes):
                most = max(most, (await asyncio.to_thread(sql, database, connected))[0][0])
            return [probe.result().status_code for probe in probes], most

    with served_api(database) as api:
        before = sql(database, connected)[0][0]
        statuses, most = asyncio.run(crowd(api))
    assert statuses == [200] * 200
    # The API's own jobs connect as well; 200 probes of a connection each would show.
    assert most <= before + 30


def test_the_api_starts_while_the_database_is_away(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    with served_api(postgres.dsn) as api:
        assert api.get(READS[0]).status_code == 503
        postgres.start()
        assert api.get(READS[0]).status_code == 200


def test_a_read_over_the_time_limit_is_504(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "READ_TIMEOUT_MS", 100)
    with served_api(database) as api:
        asyncio.run(_read_behind_a_lock(database, api))


async def _read_behind_a_lock(dsn: str, api: httpx.Client) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            for table in ("traces", "structured_logs", "ingest_report", "alert_rules", "alert_history"):
                await connection.execute(f"LOCK TABLE enterprise.{table}")
            for path in READS:
                answer = await asyncio.to_thread(api.get, path)
                assert (answer.status_code, list(answer.json())) == (504, ["detail"])
    finally:
        await connection.close()


def test_a_client_that_leaves_ends_its_query(database: str) -> None:
    # Rules would wait for the lock as well.
    sql(database, "DELETE FROM enterprise.alert_rules")
    with served_api(database) as api:
        asyncio.run(_leave_behind_a_lock(database, api))
        assert [api.get(path).status_code for path in READS[:3]] == [200, 404, 200]


async def _leave_behind_a_lock(dsn: str, api: httpx.Client) -> None:
    connection = await asyncpg.connect(dsn)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'enterprise.structured_logs'::regclass"
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE enterprise.structured_logs")
            with pytest.raises(httpx.ReadTimeout):
                await asyncio.to_thread(api.get, "/api/observability/logs", timeout=1)
            # Well before the query's own limit of 15 s.
            await until(dsn, waiting, 0, seconds=8)
    finally:
        await connection.close()


def test_a_database_without_our_tables_is_a_failure_with_a_reason(empty_database: str) -> None:
    with served_api(empty_database) as api:
        answer = api.get(READS[0])
        assert (answer.status_code, list(answer.json())) == (500, ["detail"])
        assert "42P01" in answer.json()["detail"]
        unready = api.get("/readyz")
        assert unready.status_code == 503
        assert "otelgres migrate" in unready.json()["reasons"][0]


def test_a_read_only_database_is_not_ready(database: str) -> None:
    name = sql(database, "SELECT current_database()")[0][0]
    sql(database, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with served_api(database) as api:
        assert api.get(READS[0]).status_code == 200
        unready = api.get("/readyz")
        assert unready.status_code == 503
        assert "cannot be written" in unready.json()["reasons"][0]


def test_a_table_without_a_partition_for_now_is_not_ready(database: str) -> None:
    child = sql(
        database,
        "SELECT child FROM enterprise.partitions "
        "WHERE parent = 'structured_logs' AND now() >= lower_bound AND now() < upper_bound",
    )[0][0]
    # Maintenance would make the partition again: another holder of its lease keeps it from running.
    sql(database, "INSERT INTO enterprise.leases VALUES ('maintenance', 'test', 1, 'infinity')")
    sql(database, f"DROP TABLE enterprise.{child}")
    with served_api(database) as api:
        unready = api.get("/readyz")
        assert unready.status_code == 503
        assert unready.json()["reasons"] == ["enterprise.structured_logs has no partition for now"]
