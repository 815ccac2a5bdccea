"""What is deleted by a filter is in no table any more, and nothing else is missing."""

import hashlib
import json
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access.audit import By
from database import deletions as job
from database import pool
from database.deletions import Deletions
from database.jobs import run
from database.lease import Lease
from query_api.retention import deletions, pins
from query_api.retention.deletions import TooMany
from query_api.retention.models import Sought
from tests.table_search import tables_with

NOW = datetime.now(UTC)
BOB, ANN = "bob@example.com", "ann@example.com"
ME = By("tester")


@pytest.fixture
async def db(database: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


@pytest.fixture
async def leading(db: Any) -> Lease:
    held = Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return held


async def add(db: Any, table: str, **columns: Any) -> None:
    places = ", ".join(f"${place}" for place in range(1, len(columns) + 1))
    await db.execute(f"INSERT INTO enterprise.{table} ({', '.join(columns)}) VALUES ({places})", *columns.values())


async def add_person(db: Any, email: str, number: int, service: str = "shop") -> str:
    """Whatever may hold a person's address; the trace's id."""
    trace_id = uuid.uuid4().hex
    session = f"session of {email}"
    for span, tags in (("01", {}), ("02", {"user.email": email})):
        await add(
            db,
            "trace_spans",
            trace_id=trace_id,
            span_id=span,
            parent_span_id=None if span == "01" else "01",
            operation_name=span,
            service_name=service,
            start_time=NOW,
            end_time=NOW + timedelta(seconds=1),
            tags=tags,
        )
    await db.execute(
        "UPDATE enterprise.traces SET user_email = $2, session_id = $3 WHERE trace_id = $1", trace_id, email, session
    )
    log = {"timestamp": NOW, "level": "INFO", "logger_name": "app", "service_name": service}
    await add(db, "structured_logs", **log, message="in the trace", trace_id=trace_id)
    await add(db, "structured_logs", **log, message="alone", user_email=email)
    await add(db, "structured_logs", **log, message="nested", extra={"who": {"all": [email]}})
    await add(
        db,
        "gen_ai_spans",
        role="llm",
        counted=True,
        timestamp=NOW,
        trace_id=uuid.uuid4().hex,
        span_id="03",
        operation_name="chat",
        error=False,
        user_email=email,
    )
    await add(
        db,
        "attribute_values",
        signal="spans",
        service_name=service,
        place="item",
        key="user.email",
        day=NOW.replace(hour=0, minute=0, second=0, microsecond=0),
        value=email,
        cut=False,
        seen=1,
        sampled=1,
        last_seen=NOW,
    )
    await add(db, "resources", id=number, service_name=service, attributes={"user.email": email})
    await add(
        db,
        "metric_series",
        id=number,
        service_name=service,
        name="clicks",
        type="sum",
        unit="1",
        attributes={"user.email": email},
        resource_id=0,
        scope_id=0,
    )
    await add(db, "metric_points", series_id=number, time=NOW, value=1.0)
    exemplars = [{"filtered_attributes": {"user.email": email}}]
    await add(db, "metric_points", series_id=100 + number, time=NOW, value=1.0, exemplars=exemplars)
    return trace_id


async def asked(db: Any, **sought: Any) -> int:
    async with db.acquire() as connection, connection.transaction():
        return int((await deletions.ask(connection, Sought.model_validate(sought), ME))["id"])


async def confirmed(db: Any, deletion: int) -> None:
    async with db.acquire() as connection, connection.transaction():
        assert await deletions.confirm(connection, deletion, ME) is not None


async def shown(db: Any, deletion: int) -> dict[str, Any]:
    async with db.acquire() as connection:
        row = await deletions.deletion_by_id(connection, deletion)
    assert row is not None
    return row


async def carried_out(db: Any, leading: Lease, **sought: Any) -> dict[str, Any]:
    """Counted, confirmed and done."""
    deletion = await asked(db, **sought)
    assert await run(Deletions(db, leading), db) is None
    counted = await shown(db, deletion)
    assert counted["state"] == "counted"
    await confirmed(db, deletion)
    assert await run(Deletions(db, leading), db) is None
    done = await shown(db, deletion)
    assert (done["state"], done["progress"]) == ("done", 1)
    figures = ("spans", "logs", "points")
    assert [done[name] for name in figures] == [counted[name] for name in figures]
    return done


async def counts(db: Any) -> dict[str, int]:
    tables = ("traces", "trace_spans", "structured_logs", "gen_ai_spans", "resources", "metric_series", "metric_points")
    return {table: await db.fetchval(f"SELECT count(*) FROM enterprise.{table}") for table in tables}


async def test_a_persons_data_is_in_no_table_and_everybody_elses_is(
    db: Any, leading: Lease, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "BLOCKS_AT_ONCE", 1)
    await add_person(db, ANN, 1)
    before = await counts(db)
    trace_id = await add_person(db, BOB, 2)
    async with db.acquire() as connection, connection.transaction():
        await pins.pin(connection, trace_id, "why", ME)
    assert len(await tables_with(database, BOB)) > 5
    done = await carried_out(db, leading, user_email=BOB)
    assert await tables_with(database, BOB) == set()
    # The point whose example named the person stays, without it.
    assert await counts(db) == before | {"metric_points": before["metric_points"] + 1}
    assert (done["spans"], done["logs"], done["points"], done["traces"]) == (2, 3, 1, 1)
    assert await db.fetchval("SELECT count(*) FROM enterprise.pinned_traces") == 0


async def test_counting_deletes_nothing_and_what_is_not_confirmed_is_forgotten_after_a_day(
    db: Any, leading: Lease
) -> None:
    await add_person(db, BOB, 2)
    before = await counts(db)
    deletion = await asked(db, user_email=BOB)
    await Deletions(db, leading).run_once(NOW)
    assert await counts(db) == before
    await Deletions(db, leading).run_once(NOW + timedelta(hours=25))
    assert (await shown(db, deletion))["state"] == "cancelled"
    assert await db.fetchval("SELECT user_email FROM enterprise.deletions") is None
    async with db.acquire() as connection, connection.transaction():
        assert await deletions.confirm(connection, deletion, ME) is None


async def test_all_that_is_given_must_be_so(db: Any, leading: Lease) -> None:
    await add_person(db, BOB, 2, service="shop")
    await add_person(db, BOB, 3, service="bank")
    done = await carried_out(db, leading, user_email=BOB, service="bank")
    assert (done["spans"], done["logs"], done["traces"]) == (2, 3, 1)
    services = await db.fetch("SELECT DISTINCT service_name FROM enterprise.trace_spans")
    assert [row["service_name"] for row in services] == ["shop"]
    done = await carried_out(db, leading, user_email=BOB, since=NOW + timedelta(hours=1))
    assert (done["spans"], done["logs"], done["points"]) == (0, 0, 0)
    done = await carried_out(db, leading, session_id=f"session of {BOB}")
    assert (done["spans"], done["logs"], done["traces"]) == (2, 1, 1)


async def test_an_attribute_is_sought_by_the_text_of_its_value_on_items_and_resources(db: Any, leading: Lease) -> None:
    log = {"timestamp": NOW, "level": "INFO", "logger_name": "app", "message": "m"}
    await add(db, "resources", id=7, service_name="s", attributes={"customer.id": 4711})
    await add(db, "structured_logs", **log, extra={"customer.id": "4711"})
    await add(db, "structured_logs", **log, resource_id=7)
    await add(db, "structured_logs", **log, extra={"customer.id": "47110"})
    await add(db, "structured_logs", **log, extra={"other": "4711"})
    done = await carried_out(db, leading, attribute={"key": "customer.id", "value": "4711"})
    assert done["logs"] == 2
    assert await db.fetchval("SELECT count(*) FROM enterprise.structured_logs") == 2


async def test_a_trace_of_others_loses_the_span_and_what_came_from_it(db: Any, leading: Lease) -> None:
    trace_id = uuid.uuid4().hex
    for span, email in (("01", ANN), ("02", BOB)):
        await add(
            db,
            "trace_spans",
            trace_id=trace_id,
            span_id=span,
            parent_span_id=None if span == "01" else "01",
            operation_name=span,
            service_name=span,
            start_time=NOW,
            status="error",
            tags={"enduser.id": email},
        )
    await carried_out(db, leading, user_email=ANN)
    trace = await db.fetchrow("SELECT * FROM enterprise.traces")
    assert (trace["span_count"], trace["error_count"], trace["services"]) == (1, 1, ["02"])
    assert (trace["root_span_id"], trace["operation_name"], trace["tags"], trace["status"]) == (None, "02", {}, "error")


async def test_the_audit_tells_who_what_and_how_much_and_no_value(db: Any, leading: Lease, database: str) -> None:
    await add_person(db, BOB, 2)
    await carried_out(db, leading, user_email=BOB)
    rows = await db.fetch("SELECT actor, action, detail FROM enterprise.access_audit ORDER BY id")
    assert [(row["actor"], row["action"]) for row in rows] == [
        ("tester", "deletion.asked"),
        ("tester", "deletion.confirmed"),
        ("otelgres", "deletion.done"),
    ]
    digest = f"sha256:{hashlib.sha256(BOB.encode()).hexdigest()[:32]}"
    assert all(digest in json.dumps(row["detail"]) for row in rows)
    assert {key: value for key, value in rows[2]["detail"].items() if key != "told"} == {
        "spans": 2,
        "logs": 3,
        "points": 1,
        "traces": 1,
    }
    assert "access_audit" not in await tables_with(database, BOB)


async def test_one_that_is_cut_off_goes_on_where_it_was(db: Any, leading: Lease, database: str) -> None:
    await add_person(db, BOB, 2)
    deletion = await asked(db, user_email=BOB)
    await run(Deletions(db, leading), db)
    await confirmed(db, deletion)
    async with db.acquire() as connection:
        async with connection.transaction():
            assert await job.advance(connection, deletion)
        assert (await shown(db, deletion))["state"] == "deleting"
    await run(Deletions(db, leading), db)
    assert await tables_with(database, BOB) == set()


async def test_a_cancelled_one_deletes_no_more_and_forgets_what_it_sought(db: Any, leading: Lease) -> None:
    await add_person(db, BOB, 2)
    before = await counts(db)
    deletion = await asked(db, user_email=BOB)
    async with db.acquire() as connection, connection.transaction():
        assert await deletions.cancel(connection, deletion, ME) is not None
        assert await deletions.cancel(connection, deletion, ME) is None
    await run(Deletions(db, leading), db)
    assert await counts(db) == before
    for table in ("deletion_traces", "deletion_series"):
        assert await db.fetchval(f"SELECT count(*) FROM enterprise.{table}") == 0


async def test_there_is_a_bound(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deletions, "MOST_OPEN", 1)
    await asked(db, service="a")
    with pytest.raises(TooMany):
        await asked(db, service="b")
