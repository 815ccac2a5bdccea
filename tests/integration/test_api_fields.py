"""GET /fields and /fields/{name}/values: what can be searched by, from the counts of attributes seen."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from database import pool
from database.attribute_census import VALUES_KEPT, AttributeCensus
from database.lease import Lease
from query_api.models import FieldList, FieldValues
from tests import payloads
from tests.conftest import copied, run
from tests.otelgres_process import OtelgresProcess
from tests.prepared_database import RETENTION_DAYS
from tests.searchable import add_logs, add_origins, add_traces
from tests.senders import post
from tests.served_api import served_api, sql

API = "/api/observability"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]


def count_attributes(dsn: str) -> None:
    """One run of the census."""

    async def count() -> None:
        connections = await pool.connect_pool(dsn, min_size=0, max_size=2, statement_timeout_ms=60_000)
        lease = Lease(connections, "maintenance", "test", timedelta(minutes=1))
        await lease.acquire()
        await AttributeCensus(lease, RETENTION_DAYS).run_once(datetime.now(UTC))
        await lease.release()
        await connections.close()

    run(count())


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """What the tests of searches read, some minutes old at most, and a day that was counted before."""
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_logs(dsn, NOW - timedelta(minutes=5))
        add_traces(dsn, NOW - timedelta(minutes=5))
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, extra, service_name) "
            "SELECT $1, 'INFO', 'app', 'm', jsonb_build_object('order/id', i), 'orders' "
            f"FROM generate_series(1, {VALUES_KEPT} + 1) AS i",
            NOW - timedelta(minutes=5),
        )
        count_attributes(dsn)
        sql(
            dsn,
            "INSERT INTO enterprise.attribute_keys (signal, service_name, day, key, place, type, seen, sampled, "
            "first_seen, last_seen, many_values) SELECT 'logs', '', date_trunc('day', $1::timestamptz, 'UTC'), "
            "'old.key', 'item', 'string', 5000, 50, $1, $1, true",
            NOW - 5 * DAY,
        )
        sql(
            dsn,
            "INSERT INTO enterprise.operations (id, service_name, operation_name, kind) "
            "VALUES (1, 'rarely', 'SELECT rarely', 3), (2, 'rarely', 'INSERT rarely', 3)",
        )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def fields(api: httpx.Client, **parameters: object) -> dict[str, dict[str, Any]]:
    answer = api.get(f"{API}/fields", params={"limit": "1000"} | {key: str(v) for key, v in parameters.items()})
    assert answer.status_code == 200, answer.text
    FieldList.model_validate_json(answer.text)
    found = answer.json()["fields"]
    assert len({field["name"] for field in found}) == len(found)
    return {field["name"]: field for field in found}


def values(api: httpx.Client, name: str, **parameters: object) -> dict[str, int]:
    answer = api.get(f"{API}/fields/{name}/values", params={key: str(value) for key, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    FieldValues.model_validate_json(answer.text)
    return {value["value"]: value["seen"] for value in answer.json()["values"]}


def number(dsn: str, query: str) -> int:
    count: int = sql(dsn, query)[0][0]
    return count


def test_attributes_are_counted_as_by_hand_with_types_and_place(api: httpx.Client, database: str) -> None:
    found = fields(api, signal="logs", hours=48)
    field = found["http.response.status_code"]
    assert field["place"] == "item"
    assert sorted(field["types"]) == ["number", "string"]
    assert field["seen"] == number(
        database, "SELECT count(*) FROM enterprise.structured_logs WHERE extra ? 'http.response.status_code'"
    )
    assert not field["estimated"]
    assert found["resource.k8s.pod.name"]["seen"] == number(
        database, "SELECT count(*) FROM enterprise.structured_logs WHERE resource_id IS NOT NULL"
    )
    assert found["scope.name"]["place"] == "scope"
    assert found["user_email"]["place"] == "column"
    assert found["user_email"]["seen"] == number(database, "SELECT count(user_email) FROM enterprise.structured_logs")


def test_columns_come_first_and_attributes_by_how_often_they_were_seen(api: httpx.Client) -> None:
    places = [(field["place"] == "column", field["seen"]) for field in fields(api, signal="spans").values()]
    columns = [column for column, _ in places]
    assert columns == sorted(columns, reverse=True)
    counts = [seen for column, seen in places if not column]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("http.", {"http.response.status_code"}),
        ("HTTP.RES", {"http.response.status_code"}),
        ("service_n", {"service_name"}),
        ("attributes.ht", {"http.response.status_code"}),
        ("resource.k8s", {"resource.k8s.pod.name"}),
        ("k8s", {"resource.k8s.pod.name"}),
        ("scope.te", {"scope.team"}),
        ("te", {"text", "scope.team", "team"}),
        ('odd "key": ', {'odd "key": x'}),
        ("no such", set()),
        ("%", set()),
    ],
)
def test_a_prefix_is_that_of_the_key_or_of_the_whole_name(api: httpx.Client, prefix: str, expected: set[str]) -> None:
    assert set(fields(api, signal="logs", prefix=prefix)) == expected


def test_every_field_offered_can_be_searched_by(api: httpx.Client) -> None:
    """In a search its name stands for the rows that have it, as many as were counted; a plain one for others too."""
    escaped = str.maketrans({character: "\\" + character for character in ' :()\\"'})
    for name, field in fields(api, signal="logs", hours=48).items():
        if field["seen"] is not None:
            plain = field["place"] == "item" and not name.startswith("attributes.")
            q = f"{'attributes.' if plain else ''}{name.translate(escaped)}:*"
            answer = api.get(f"{API}/logs", params={"q": q, "limit": 1000, "hours": 48})
            assert len(answer.json()["logs"]) == field["seen"], q


def test_fields_of_a_service_are_those_of_its_rows(api: httpx.Client, database: str) -> None:
    found = fields(api, signal="logs", service="cart", hours=48)
    assert found["text"]["seen"] == number(
        database, "SELECT count(*) FROM enterprise.structured_logs WHERE service_name = 'cart' AND extra ? 'text'"
    )
    assert "order/id" not in found
    assert all(field["seen"] is None for field in fields(api, service="unheard of").values())


def test_fields_of_traces_are_their_own_and_those_of_their_spans(api: httpx.Client, database: str) -> None:
    found = fields(api, signal="traces", hours=48)
    assert found["user_email"]["seen"] is not None
    assert found["http.response.status_code"]["seen"] == number(
        database, "SELECT count(*) FROM enterprise.trace_spans WHERE tags ? 'http.response.status_code'"
    )
    assert found["status"]["seen"] == number(database, "SELECT count(*) FROM enterprise.trace_spans")
    assert found["trace.status"]["seen"] == number(database, "SELECT count(*) FROM enterprise.traces")
    assert found["duration"]["types"] == ["duration"]
    assert "user_email" not in fields(api, signal="spans", hours=48)


def test_the_days_of_the_window_count(api: httpx.Client) -> None:
    assert "old.key" not in fields(api)
    found = fields(api, **{"from": (NOW - 6 * DAY).isoformat()})["old.key"]
    assert (found["seen"], found["estimated"], found["high_cardinality"]) == (5000, True, True)
    assert "old.key" not in fields(api, **{"from": (NOW - 9 * DAY).isoformat(), "to": (NOW - 7 * DAY).isoformat()})
    assert "old.key" in fields(api, **{"from": "0001-01-01", "to": "9999-12-31"})
    assert not any(field["seen"] for field in fields(api, **{"from": "0001-01-01", "to": "0001-01-02"}).values())
    assert not any(field["seen"] for field in fields(api, **{"from": "9999-01-01"}).values())


def test_values_are_counted_as_by_hand_the_most_seen_first(api: httpx.Client, database: str) -> None:
    found = values(api, "http.response.status_code", signal="logs", hours=48)
    assert found == dict(
        tuple(row)
        for row in sql(
            database,
            "SELECT extra ->> 'http.response.status_code', count(*) FROM enterprise.structured_logs "
            "WHERE extra ? 'http.response.status_code' GROUP BY 1",
        )
    )
    assert list(found.values()) == sorted(found.values(), reverse=True)


@pytest.mark.parametrize("name", ["logger", "logger_name"])
def test_values_of_a_column_by_each_of_its_names(api: httpx.Client, name: str) -> None:
    assert set(values(api, name, hours=48)) == {"app", "app.db", "health.check", "100% app", "my_app"}
    assert set(values(api, name, hours=48, prefix="APP")) == {"app", "app.db"}
    assert set(values(api, name, hours=48, prefix="100% ")) == {"100% app"}


def test_columns_with_few_values_have_them_all(api: httpx.Client) -> None:
    assert set(values(api, "level")) == {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}
    assert set(values(api, "level", prefix="w")) == {"WARNING"}
    assert set(values(api, "status", signal="spans")) == {"in_progress", "completed", "error"}
    assert list(values(api, "kind", signal="spans", service="unheard of")) == KINDS


def test_operations_are_known_before_they_are_sampled(api: httpx.Client) -> None:
    assert values(api, "name", signal="spans", prefix="sel") == {"SELECT 100%": 60, "SELECT rarely": None}
    assert values(api, "operation_name", signal="traces", prefix="ins") == {"INSERT rarely": None}
    assert values(api, "service", signal="spans", prefix="ra") == {"rarely": None}
    assert values(api, "name", signal="spans", service="cart", prefix="ins") == {}
    assert values(api, "service", signal="logs", prefix="ra") == {}


def test_a_bare_name_is_sought_in_all_places_and_a_full_one_in_its_own(api: httpx.Client) -> None:
    assert set(values(api, "team", hours=48)) == {"blue", "green"}
    assert set(values(api, "attributes.team", hours=48)) == {"blue"}
    assert set(values(api, "scope.team", hours=48)) == {"green"}
    assert set(values(api, "resource.k8s.pod.name", hours=48)) == {"pod-1", "pod-2", "pod_3%"}


def test_names_that_became_a_column_have_its_values(api: httpx.Client) -> None:
    assert "ann@acme.com" in values(api, "user.email", signal="logs", hours=48)
    assert "s0" in values(api, "session_id", signal="traces", hours=48)


@pytest.mark.parametrize("name", ["nobody.knows", "odd/key", "a b", "ümläut", "%25", "", "values"])
def test_a_field_that_nobody_knows_has_no_values(api: httpx.Client, name: str) -> None:
    assert values(api, name) == {}


def test_fields_with_more_values_than_are_kept_are_marked(api: httpx.Client) -> None:
    answer = api.get(f"{API}/fields/order/id/values").json()
    assert answer["name"] == "order/id"
    assert answer["high_cardinality"]
    assert fields(api, prefix="order")["order/id"]["high_cardinality"]
    assert not fields(api, prefix="http.")["http.response.status_code"]["high_cardinality"]


def test_limits_are_kept(api: httpx.Client) -> None:
    answer = api.get(f"{API}/fields", params={"limit": 3}).json()
    assert (len(answer["fields"]), answer["limit"]) == (3, 3)
    assert len(values(api, "level", limit=2)) == 2


@pytest.mark.parametrize(
    "parameters",
    [
        {"signal": "metrics"},
        {"limit": "0"},
        {"limit": "1001"},
        {"prefix": "\0"},
        {"service": "\0"},
        {"from": "yesterday"},
        {"hours": "0"},
    ],
)
def test_bad_parameters_are_422(api: httpx.Client, parameters: dict[str, str]) -> None:
    for path in ("fields", "fields/level/values"):
        answer = api.get(f"{API}/{path}", params=parameters)
        assert answer.status_code == 422, answer.text
        assert answer.json()["detail"]


def test_a_nul_in_a_name_is_422(api: httpx.Client) -> None:
    assert api.get(f"{API}/fields/a%00b/values").status_code == 422


def test_empty_parameters_count_as_not_given(api: httpx.Client) -> None:
    empty = {"signal": "", "prefix": "", "service": "", "from": "", "to": "", "limit": "", "hours": ""}
    assert api.get(f"{API}/fields", params=empty).json() == api.get(f"{API}/fields").json()


def test_what_comes_by_otlp_is_offered_within_the_minute(server: Callable[..., OtelgresProcess]) -> None:
    process = server()
    post(process, "traces", payloads.spans(5, service="cart", **{"cart.items": 3}).SerializeToString())
    deadline = time.monotonic() + 60
    while True:
        answer = httpx.get(f"{process.url}{API}/fields", params={"signal": "spans", "prefix": "cart."}, timeout=10)
        if found := answer.json()["fields"]:
            break
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert [(field["name"], field["seen"], field["types"]) for field in found] == [("cart.items", 5, ["number"])]
    answer = httpx.get(f"{process.url}{API}/fields/cart.items/values", params={"signal": "spans"}, timeout=10)
    assert [(value["value"], value["seen"]) for value in answer.json()["values"]] == [("3", 5)]
