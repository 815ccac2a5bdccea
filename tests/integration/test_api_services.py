"""GET /services…: figures that are those of the spans, however far the rollups are."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import httpx
import pytest

from database import pool
from database.folding import Folding
from query_api.service_models import Latency, OperationList, RedAnswer, ServiceList
from query_api.sketch import RELATIVE_ERROR
from tests.conftest import copied, run
from tests.served_api import lead, sql

SERVICES = "/api/observability/services"
NOW = datetime.now(UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
INTERNAL, SERVER, CLIENT, CONSUMER = 1, 2, 3, 5

Span = tuple[str, str, int, timedelta, float, bool]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, *spans: Span) -> None:
    """Spans of a service, name, kind, age, duration in ms, and whether they failed."""
    service, name, kind, age, duration, failed = zip(*spans, strict=True)
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, service_name, operation_name, kind, start_time, "
        "duration_ms, status) SELECT md5(random()::text), lpad(to_hex(n), 16, '0'), service, name, kind, "
        "$1::timestamptz - age, duration, CASE WHEN failed THEN 'error' ELSE 'completed' END "
        "FROM unnest($2::text[], $3::text[], $4::smallint[], $5::interval[], $6::float[], $7::boolean[]) "
        "WITH ORDINALITY AS s(service, name, kind, age, duration, failed, n)",
        NOW,
        service,
        name,
        kind,
        age,
        duration,
        failed,
    )


def fold(dsn: str, now: datetime = NOW) -> None:
    """What the job does in one run."""

    async def work() -> None:
        connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
        await Folding(await lead(connections)).run_once(now)
        await connections.close()

    run(work())


def get(api: httpx.Client, path: str = "", **parameters: object) -> dict[str, Any]:
    answer = api.get(f"{SERVICES}{path}", params={name.rstrip("_"): str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    model = {"/red": RedAnswer, "/latency": Latency, "": ServiceList}.get(path, OperationList)
    model.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def nearest_rank(durations: list[float], part: float) -> float:
    return sorted(durations)[ceil(len(durations) * part - 1e-9) - 1]


def some_spans(dice: random.Random, count: int, hours: float = 5) -> list[Span]:
    names = [("shop", "POST /chat", SERVER), ("shop", "SELECT", CLIENT), ("cart", "step", INTERNAL)]
    names += [("cart", "take", CONSUMER), ("job", "run", INTERNAL), ("job", "call", CLIENT)]
    return [
        (
            *dice.choice(names),
            dice.uniform(0, hours) * HOUR,
            dice.choice([dice.lognormvariate(3, 2), 0.002, dice.uniform(1, 10), 3_600_000.0]),
            dice.random() < 0.2,
        )
        for _ in range(count)
    ]


ENTRIES = {"shop": "entries", "cart": "entries", "job": "spans"}


def counted(spans: list[Span], service: str) -> list[Span]:
    """Those that stand for the service."""
    return [span for span in spans if span[0] == service and (service == "job" or span[2] in (SERVER, CONSUMER))]


def same(red: dict[str, Any], spans: list[Span], seconds: float) -> None:
    durations = [span[4] for span in spans]
    assert red["spans"] == len(spans)
    assert red["errors"] == sum(span[5] for span in spans)
    assert red["error_rate"] == pytest.approx(red["errors"] / len(spans))
    assert red["rate"] == pytest.approx(len(spans) / seconds, rel=0.01)
    assert red["mean_ms"] == pytest.approx(sum(durations) / len(spans))
    for name, part in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        assert red[name] == pytest.approx(nearest_rank(durations, part), rel=RELATIVE_ERROR)


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_those_of_the_spans_before_and_after_folding_and_with_late_ones(
    api: httpx.Client, database: str, seed: int
) -> None:
    dice = random.Random(seed)
    spans: list[Span] = []
    for _ in range(3):
        more = some_spans(dice, 400)
        add(database, *more)
        spans += more
        body = get(api, hours=6)
        assert body["relative_error"] == RELATIVE_ERROR
        begins, ends = (datetime.fromisoformat(body[name]) for name in ("from", "to"))
        seconds = (min(ends, datetime.now(UTC)) - begins).total_seconds()
        assert {service["service_name"]: service["counted"] for service in body["services"]} == ENTRIES
        for service in body["services"]:
            same(service, counted(spans, service["service_name"]), seconds)
            assert service["all_spans"] == sum(span[0] == service["service_name"] for span in spans)
        for name in ENTRIES:
            for operation in get(api, f"/{name}/operations", hours=6)["operations"]:
                same(operation, [s for s in spans if s[:2] == (name, operation["operation_name"])], seconds)
        fold(database)
    quarters = sql(database, "SELECT sum(spans)::bigint FROM enterprise.service_quarters")[0][0]
    minutes = sql(database, "SELECT sum(spans)::bigint FROM enterprise.operation_minutes")[0][0]
    assert 0.8 * len(spans) < quarters <= minutes == len(spans)


@pytest.mark.parametrize("step", ["", 60, 900, 3600])
@pytest.mark.parametrize("folded", [False, True])
def test_series_add_up_to_the_spans_step_by_step(
    api: httpx.Client, database: str, step: int | str, folded: bool
) -> None:
    spans = some_spans(random.Random(9), 600, hours=1.9 if step == 60 else 5)
    add(database, *spans)
    if folded:
        fold(database)
    body = get(api, "/red", hours=6, step=step)
    step = body["step_seconds"]
    found = {series["service_name"]: series for series in body["series"]}
    assert {name: series["counted"] for name, series in found.items()} == ENTRIES
    for name, series in found.items():
        by_step: dict[datetime, list[Span]] = {}
        for span in counted(spans, name):
            begins = datetime.fromtimestamp((NOW - span[3]).timestamp() // step * step, UTC)
            by_step.setdefault(max(begins, datetime.fromisoformat(body["from"])), []).append(span)
        assert [point["time"] for point in series["points"]] == [time.isoformat() for time in sorted(by_step)]
        for point in series["points"]:
            of_step = by_step[datetime.fromisoformat(point["time"])]
            assert (point["spans"], point["errors"]) == (len(of_step), sum(span[5] for span in of_step))
            assert point["p95_ms"] == pytest.approx(
                nearest_rank([span[4] for span in of_step], 0.95), rel=RELATIVE_ERROR
            )


def test_series_of_operations_are_of_one_service_or_name(api: httpx.Client, database: str) -> None:
    add(database, ("shop", "a", SERVER, HOUR, 1, False), ("shop", "b", INTERNAL, HOUR, 2, True))
    add(database, ("cart", "a", SERVER, HOUR, 4, False))
    body = get(api, "/red", service="shop", by_operation="true")
    assert [(s["service_name"], s["operation_name"], s["kind"]) for s in body["series"]] == [
        ("shop", "a", SERVER),
        ("shop", "b", INTERNAL),
    ]
    body = get(api, "/red", operation="a")
    assert [(s["service_name"], s["points"][0]["spans"]) for s in body["series"]] == [("cart", 1), ("shop", 1)]
    assert [s["service_name"] for s in get(api, "/red", service="cart")["series"]] == ["cart"]
    assert get(api, "/red", service="nobody")["series"] == []


def test_the_latency_histogram_counts_each_span_between_its_bounds(api: httpx.Client, database: str) -> None:
    spans = some_spans(random.Random(4), 500)
    add(database, *spans, ("shop", "POST /chat", SERVER, HOUR, 0.0, False))
    fold(database)
    body = get(api, "/latency", service="shop", hours=6)
    durations = sorted([span[4] for span in counted(spans, "shop")] + [0.0])
    assert body["spans"] == len(durations)
    upto = 0
    for bucket in body["buckets"]:
        of_bucket = durations[upto : upto + bucket["spans"]]
        assert bucket["from_ms"] * (1 - 1e-9) <= of_bucket[0] <= of_bucket[-1] <= bucket["to_ms"] * (1 + 1e-9)
        upto += bucket["spans"]
    assert upto == len(durations)
    of_operation = get(api, "/latency", service="shop", operation="SELECT", hours=6)
    assert of_operation["spans"] == sum(span[1] == "SELECT" for span in spans)
    assert get(api, "/latency", service="nobody")["buckets"] == []


def test_the_busiest_come_first_and_a_limit_keeps_them(api: httpx.Client, database: str) -> None:
    for name, count in (("quiet", 1), ("noisy", 5), ("middle", 3)):
        add(database, *[(name, f"op {n}", SERVER, MINUTE, 1.0, False) for n in range(count)])
    assert [s["service_name"] for s in get(api, hours=1)["services"]] == ["noisy", "middle", "quiet"]
    assert [s["service_name"] for s in get(api, hours=1, limit=1)["services"]] == ["noisy"]
    assert [s["service_name"] for s in get(api, "/red", hours=1, limit=2)["series"]] == ["middle", "noisy"]
    assert len(get(api, "/noisy/operations", hours=1, limit=4)["operations"]) == 4


def test_what_is_outside_the_window_does_not_count(api: httpx.Client, database: str) -> None:
    add(database, ("old", "a", SERVER, 30 * HOUR, 1, False), ("new", "a", SERVER, HOUR, 1, False))
    fold(database)
    assert [s["service_name"] for s in get(api)["services"]] == ["new"]
    assert [s["service_name"] for s in get(api, hours=48)["services"]] == ["new", "old"]
    until = {"to": (NOW - 20 * HOUR).isoformat(), "hours": 24}
    assert [s["service_name"] for s in get(api, **until)["services"]] == ["old"]
    assert len(get(api, **{"from": "0001-01-01", "to": "9999-12-31"})["services"]) == 2


def test_a_name_of_any_length_and_with_slashes_is_a_service(api: httpx.Client, database: str) -> None:
    for name in ("team/shop", "x" * 5000):
        add(database, (name, "a", SERVER, 5 * HOUR, 1, False))
    fold(database)
    names = {s["service_name"] for s in get(api)["services"]}
    assert "team/shop" in names
    assert sorted(map(len, names)) == [9, 197]
    assert len(get(api, "/team/shop/operations")["operations"]) == 1
    assert get(api, "/latency", service="x" * 5000)["spans"] == 1


def test_mistakes_are_422(api: httpx.Client) -> None:
    for path, parameters in (
        ("", {"hours": 0}),
        ("/red", {"step": 61}),
        ("/red", {"step": 60, "hours": 168}),
        ("/latency", {}),
        ("", {"from": "soon"}),
    ):
        assert api.get(f"{SERVICES}{path}", params=parameters).status_code == 422


@pytest.fixture
async def db(database: str) -> AsyncIterator[Any]:
    connections = await pool.connect_pool(database, min_size=0, max_size=6, statement_timeout_ms=60_000)
    yield connections
    await connections.close()


async def test_a_reader_sees_every_span_once_while_quarters_are_made(api: httpx.Client, database: str, db: Any) -> None:
    spans = some_spans(random.Random(5), 300)
    add(database, *spans)
    lease = await lead(db)
    sql(database, "UPDATE enterprise.rollup_progress SET closed_until = 'epoch'")
    run_ = asyncio.create_task(Folding(lease).run_once(NOW))
    seen = set()
    while not run_.done():
        body = await asyncio.to_thread(get, api, hours=6)
        seen.add(sum(service["all_spans"] for service in body["services"]))
    await run_
    assert seen == {300}
