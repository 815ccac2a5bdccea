"""Attribute keys and values counted in what came, in a real database."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from database import attribute_census, lease, partitions, pool
from database.attribute_census import AttributeCensus
from database.ranges import DAY, midnight
from tests.prepared_database import RETENTION_DAYS

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
ITEM_KEYS_BY_HAND = """
    SELECT '{signal}' AS signal, service, day, a.key, jsonb_typeof(a.value) AS type, count(*) AS seen,
           min(row.{time}) AS first_seen, max(row.{time}) AS last_seen
    FROM enterprise.{table} AS row
    CROSS JOIN LATERAL (VALUES (row.service_name), ('')) AS s(service)
    CROSS JOIN LATERAL (SELECT date_trunc('day', row.{time}, 'UTC') AS day) AS d
    CROSS JOIN LATERAL jsonb_each(row.{attributes}) AS a
    WHERE service IS NOT NULL
    GROUP BY service, day, a.key, type
"""
ITEM_VALUES_BY_HAND = """
    SELECT '{signal}' AS signal, service, day, a.key, a.value, count(*) AS seen
    FROM enterprise.{table} AS row
    CROSS JOIN LATERAL (VALUES (row.service_name), ('')) AS s(service)
    CROSS JOIN LATERAL (SELECT date_trunc('day', row.{time}, 'UTC') AS day) AS d
    CROSS JOIN LATERAL jsonb_each_text(row.{attributes}) AS a
    WHERE service IS NOT NULL AND jsonb_typeof(row.{attributes} -> a.key) IN ('string', 'number', 'boolean')
    GROUP BY service, day, a.key, a.value
"""
SIGNALS = (
    {"signal": "spans", "table": "trace_spans", "time": "start_time", "attributes": "tags"},
    {"signal": "logs", "table": "structured_logs", "time": "timestamp", "attributes": "extra"},
)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(database, min_size=0, max_size=6, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


@pytest.fixture
async def census(db: Any) -> AttributeCensus:
    held = lease.Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return AttributeCensus(held, RETENTION_DAYS)


class Sender:
    """A writer that commits rows, a batch at a time."""

    def __init__(self, db: Any) -> None:
        self._db, self._writer = db, 0

    async def spans(self, *attributes: dict[str, Any], service: str | None = "shop", time: datetime = NOW) -> None:
        await self._add(
            "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, "
            "end_time, tags, writer, batch) "
            "SELECT md5(random()::text), '0000000000000001', 'op', $1, $2, $2, tags, $4, $5 "
            "FROM jsonb_array_elements($3::jsonb) AS tags",
            service,
            time,
            list(attributes),
        )

    async def logs(self, *attributes: dict[str, Any], service: str | None = "shop", time: datetime = NOW) -> None:
        await self._add(
            "INSERT INTO enterprise.structured_logs (level, logger_name, message, service_name, timestamp, extra, "
            "writer, batch) SELECT 'INFO', 'app', 'm', $1, $2, extra, $4, $5 "
            "FROM jsonb_array_elements($3::jsonb) AS extra",
            service,
            time,
            list(attributes),
        )

    async def _add(self, statement: str, *arguments: object) -> None:
        async with self._db.acquire() as connection, connection.transaction():
            if not self._writer:
                self._writer = await connection.fetchval(
                    "INSERT INTO enterprise.writers DEFAULT VALUES RETURNING writer"
                )
            batch = await connection.fetchval(
                "UPDATE enterprise.writers SET batch = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint "
                "WHERE writer = $1 RETURNING batch",
                self._writer,
            )
            await connection.execute(statement, *arguments, self._writer, batch)


@pytest.fixture
def sender(db: Any) -> Sender:
    return Sender(db)


async def keys(db: Any, place: str, signal: str = "spans", service: str = "shop") -> dict[str, tuple[str, int]]:
    rows = await db.fetch(
        "SELECT key, type, seen FROM enterprise.attribute_keys WHERE place = $1 AND signal = $2 AND service_name = $3",
        place,
        signal,
        service,
    )
    return {row["key"]: (row["type"], row["seen"]) for row in rows}


async def values(db: Any, key: str, place: str = "item", signal: str = "spans") -> dict[str, int]:
    rows = await db.fetch(
        "SELECT value, seen FROM enterprise.attribute_values "
        "WHERE key = $1 AND place = $2 AND signal = $3 AND service_name = $4",
        key,
        place,
        signal,
        "shop",
    )
    return dict(tuple(row) for row in rows)


def some_attributes(dice: random.Random) -> dict[str, Any]:
    possible = {
        "method": lambda: dice.choice(["GET", "POST"]),
        "status": lambda: dice.choice([200, 404, "200"]),
        "ok": lambda: dice.random() < 0.5,
        "ratio": lambda: dice.choice([0.5, 1e30, -7]),
        "list": lambda: ["a", 1],
        "object": lambda: {"a": None},
        "nothing": lambda: None,
        "": lambda: "empty key",
        "ümläut 'key'": lambda: "größe\n",
    }
    return {key: make() for key, make in possible.items() if dice.random() < 0.6}


@pytest.mark.parametrize("seed", range(3))
async def test_what_was_read_whole_is_counted_as_sql_counts_it(
    db: Any, census: AttributeCensus, sender: Sender, seed: int
) -> None:
    """Rows of two writers and of plain SQL, over several runs and days."""
    dice = random.Random(seed)
    writers = [sender, Sender(db)]
    for _ in range(4):
        for _ in range(5):
            add = dice.choice([Sender.spans, Sender.logs])
            rows = [some_attributes(dice) for _ in range(dice.randrange(1, 40))]
            service, time = dice.choice(["shop", "cart", None]), NOW - dice.choice([0, 1, 30, 50]) * HOUR
            await add(dice.choice(writers), *rows, service=service, time=time)
        await db.execute(
            "INSERT INTO enterprise.structured_logs (level, logger_name, message, service_name, timestamp, extra) "
            "VALUES ('INFO', 'app', 'm', 'plain', $1, $2)",
            NOW,
            some_attributes(dice),
        )
        await census.run_once(NOW)
    assert await census.run_once(NOW) == {}
    for signal in SIGNALS:
        expected = await db.fetch(ITEM_KEYS_BY_HAND.format(**signal))
        assert expected
        found = await db.fetch(
            "SELECT signal, service_name AS service, day, key, type, seen, first_seen, last_seen "
            "FROM enterprise.attribute_keys WHERE place = 'item' AND signal = $1 AND seen = sampled",
            signal["signal"],
        )
        assert set(map(tuple, found)) == set(map(tuple, expected))
        expected = await db.fetch(ITEM_VALUES_BY_HAND.format(**signal))
        found = await db.fetch(
            "SELECT signal, service_name AS service, day, key, value, seen FROM enterprise.attribute_values "
            "WHERE place = 'item' AND signal = $1 AND NOT cut",
            signal["signal"],
        )
        assert set(map(tuple, found)) == set(map(tuple, expected))


async def test_columns_resources_and_scopes_are_counted_by_the_rows_that_have_them(
    db: Any, census: AttributeCensus
) -> None:
    await db.execute(
        "INSERT INTO enterprise.resources (id, service_name, attributes) "
        """VALUES (1, 'shop', '{"host.name": "a"}'), (2, 'shop', '{"host.name": "b", "replicas": 3}')"""
    )
    await db.execute(
        "INSERT INTO enterprise.scopes (id, name, version, attributes) VALUES (1, 'lib', '', '{\"t\": 1}')"
    )
    await db.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name, user_email, "
        "resource_id, scope_id) SELECT $1, 'INFO', 'app.' || i % 2, 'm', 'shop', "
        "CASE WHEN i < 3 THEN 'ann@example.com' END, 1 + i % 2, CASE WHEN i < 4 THEN 1 END "
        "FROM generate_series(0, 9) AS i",
        NOW,
    )
    await census.run_once(NOW)
    assert await keys(db, "resource", "logs") == {"host.name": ("string", 10), "replicas": ("number", 5)}
    assert await values(db, "host.name", "resource", "logs") == {"a": 5, "b": 5}
    assert await keys(db, "scope", "logs") == {"name": ("string", 4), "version": ("string", 4), "t": ("number", 4)}
    assert await values(db, "name", "scope", "logs") == {"lib": 4}
    columns = await keys(db, "column", "logs")
    assert columns["user_email"] == ("string", 3)
    assert "department" not in columns
    assert await values(db, "logger_name", "column", "logs") == {"app.0": 5, "app.1": 5}


async def test_columns_of_traces_are_counted_once_a_trace(db: Any, census: AttributeCensus) -> None:
    await db.execute(
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, service_name, "
        "start_time, kind) SELECT md5(t::text), s::text, CASE WHEN s > 0 THEN '0' END, 'op', 'shop', $1, 2 "
        "FROM generate_series(1, 5) AS t, generate_series(0, 3) AS s",
        NOW,
    )
    await db.execute("UPDATE enterprise.traces SET user_email = 'ann@example.com', method = 'POST'")
    await census.run_once(NOW)
    assert await values(db, "user_email", "column", "traces") == {"ann@example.com": 5}
    assert (await keys(db, "column", "traces"))["method"] == ("string", 5)
    assert await values(db, "kind", "column") == {"server": 20}


async def test_of_many_rows_a_sample_stands_for_all(
    db: Any, census: AttributeCensus, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Drawn from places in many blocks, then thinned out: the estimates lie within six standard errors."""
    monkeypatch.setattr(attribute_census, "BLOCKS_READ", 100)
    monkeypatch.setattr(attribute_census, "PLACES_TRIED", 20_000)
    monkeypatch.setattr(attribute_census, "ROWS_READ", 2_000)
    for _ in range(20):
        await sender.logs(*[{"half": 1, **({"other": 1} if i % 2 else {})} for i in range(2_000)], service="noisy")
    await sender.logs(*[{"quiet": i % 3} for i in range(100)], service="quiet")
    report = await census.run_once(NOW)
    assert report["logs"]["arrived"] == pytest.approx(40_100, rel=0.1)
    assert 500 < report["logs"]["read"] < 2_600
    found = await keys(db, "item", "logs", "noisy")
    assert found["half"][1] == pytest.approx(40_000, rel=0.2)
    assert found["other"][1] == pytest.approx(20_000, rel=0.3)
    assert (await keys(db, "item", "logs", "quiet"))["quiet"][1] == pytest.approx(100, rel=0.9)
    sampled = await db.fetchval(
        "SELECT sampled FROM enterprise.attribute_keys WHERE key = 'half' AND service_name = 'noisy'"
    )
    assert sampled < 2_000
    assert await census.run_once(NOW) == {}


async def test_a_quiet_service_is_read_whole_beside_a_noisy_one(
    db: Any, census: AttributeCensus, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribute_census, "ROWS_READ", 400)
    await sender.spans(*[{"a": 1}] * 4_000, service="noisy")
    await sender.spans(*[{"rare": 1}] * 20, service="quiet")
    await census.run_once(NOW)
    assert await keys(db, "item", service="quiet") == {"rare": ("number", 20)}
    assert (await keys(db, "item", service="noisy"))["a"][1] == pytest.approx(4_000, rel=0.5)


async def test_large_attributes_are_read_in_part(
    db: Any, census: AttributeCensus, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribute_census, "BYTES_READ", 100_000)
    letters = random.Random(1)
    prompts = ["".join(chr(letters.randrange(33, 1000)) for _ in range(1000)) for _ in range(500)]
    await sender.spans(*[{"prompt": prompt} for prompt in prompts])
    report = await census.run_once(NOW)
    assert report["spans"]["read"] < 150
    assert (await keys(db, "item"))["prompt"][1] == pytest.approx(500, rel=0.9)


async def test_long_values_are_cut_and_marked_and_long_keys_left_out(
    db: Any, census: AttributeCensus, sender: Sender
) -> None:
    await sender.spans({"long": "x" * 201, "k" * 201: 1, "k" * 200: 1}, {"long": "x" * 200})
    await census.run_once(NOW)
    assert set(await keys(db, "item")) == {"long", "k" * 200}
    found = await db.fetch(
        "SELECT value, cut FROM enterprise.attribute_values WHERE key = 'long' AND service_name = '' ORDER BY cut"
    )
    assert [tuple(row) for row in found] == [("x" * 200, False), ("x" * 200, True)]


async def test_names_and_values_of_any_script_fit_the_keys(db: Any, census: AttributeCensus, sender: Sender) -> None:
    dice = random.Random(1)
    clefs = "".join(chr(0x1D100 + dice.randrange(200)) for _ in range(200))
    await sender.spans({clefs: clefs}, service=clefs)
    await census.run_once(NOW)
    rows = await db.fetch("SELECT key, value FROM enterprise.attribute_values WHERE service_name = $1", clefs)
    assert (clefs, clefs) in [tuple(row) for row in rows]


async def test_of_an_id_no_values_are_kept_when_it_comes_in_masses(
    db: Any, census: AttributeCensus, sender: Sender
) -> None:
    await sender.spans(*[{"id": i, "mixed": i if i % 2 else "often"} for i in range(500)])
    await census.run_once(NOW)
    assert await values(db, "id") == {}
    assert await values(db, "mixed") == {"often": 250}
    marked = await db.fetch("SELECT DISTINCT key FROM enterprise.attribute_keys WHERE many_values")
    assert {row["key"] for row in marked} == {"id", "mixed"}


async def test_values_that_become_many_are_pruned_to_those_seen_most(
    db: Any, census: AttributeCensus, sender: Sender
) -> None:
    for run in range(3):
        await sender.spans({"user": "ann"}, {"user": "ann"}, *[{"user": f"u{run}-{i}"} for i in range(40)])
        await census.run_once(NOW)
    found = await values(db, "user")
    assert found["ann"] == 6
    assert len(found) == attribute_census.VALUES_KEPT // 2
    assert await db.fetchval("SELECT bool_and(many_values) FROM enterprise.attribute_keys WHERE key = 'user'")


async def test_keys_that_become_many_are_pruned_with_their_values(
    db: Any, census: AttributeCensus, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attribute_census, "KEYS_KEPT", 30)
    await sender.spans(*[{f"id-{i}": 1, "common": 1} for i in range(50)])
    await census.run_once(NOW)
    found = await keys(db, "item")
    assert found["common"] == ("number", 50)
    held = await db.fetch("SELECT count(*) FROM enterprise.attribute_keys GROUP BY signal, service_name, day")
    assert max(row[0] for row in held) == 15
    orphans = await db.fetchval(
        "SELECT count(*) FROM enterprise.attribute_values AS v WHERE NOT EXISTS "
        "(SELECT FROM enterprise.attribute_keys AS k WHERE k.key = v.key AND k.service_name = v.service_name)"
    )
    assert orphans == 0


async def test_rows_out_of_time_count_for_today_or_not_at_all(db: Any, census: AttributeCensus, sender: Sender) -> None:
    await sender.logs({"future": 1}, time=NOW + 400 * DAY)
    await sender.logs({"past": 1}, time=NOW - 400 * DAY)
    await census.run_once(NOW)
    rows = await db.fetch(
        "SELECT day, key, last_seen FROM enterprise.attribute_keys WHERE place = 'item' AND service_name = ''"
    )
    assert [tuple(row) for row in rows] == [(midnight(NOW), "future", NOW)]


async def test_attributes_that_are_no_object_stop_nothing(db: Any, census: AttributeCensus, sender: Sender) -> None:
    await db.execute(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, extra) "
        "VALUES ($1, 'INFO', 'app', 'm', '[1]'), ($1, 'INFO', 'app', 'm', NULL), ($1, 'INFO', 'app', 'm', '\"x\"')",
        NOW,
    )
    assert (await census.run_once(NOW))["logs"]["read"] == 3


async def test_rows_that_move_from_default_are_counted_once(db: Any, census: AttributeCensus, sender: Sender) -> None:
    day = NOW + 20 * DAY
    await sender.spans({"a": 1}, time=day)
    await census.run_once(day)
    connection = await db.acquire()
    await partitions.ensure(connection, day, RETENTION_DAYS)
    await db.release(connection)
    assert (await db.fetchval("SELECT count(*) FROM enterprise.trace_spans_default")) == 0
    await sender.spans({"b": 1}, time=day)
    await census.run_once(day)
    assert await keys(db, "item") == {"a": ("number", 1), "b": ("number", 1)}


async def test_a_run_that_lost_the_lead_changes_nothing(db: Any, census: AttributeCensus, sender: Sender) -> None:
    await sender.spans({"a": 1})
    await db.execute("UPDATE enterprise.leases SET holder = 'other'")
    with pytest.raises(lease.LeaseLost):
        await census.run_once(NOW)
    assert await db.fetchval("SELECT count(*) FROM enterprise.attribute_keys") == 0
    assert await db.fetchval("SELECT count(*) FROM enterprise.attribute_positions") == 0
