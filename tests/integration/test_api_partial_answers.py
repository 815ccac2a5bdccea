"""Searches that time does not suffice for: what was found so far, marked, and a cursor that goes on from there."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from database.pool import connect
from query_api import slices
from query_api.models import LogHistogram, LogList
from query_api.pages import Asked, Page
from query_api.trace_models import TraceList
from query_api.traces import exact_count
from query_api.window import Window
from tests.conftest import copied
from tests.searchable import add_logs, add_origins, add_traces
from tests.served_api import served_api, sql

NOW = datetime.now(UTC)
LOGS, TRACES = "/api/observability/logs", "/api/observability/traces"
HISTOGRAM = f"{LOGS}/stats/histogram"
SLICE = timedelta(minutes=2)
SINCE = (NOW - timedelta(minutes=70)).isoformat()
MODELS: dict[str, type[LogList] | type[TraceList] | type[LogHistogram]] = {
    LOGS: LogList,
    TRACES: TraceList,
    HISTOGRAM: LogHistogram,
}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_logs(dsn, NOW)
        # Some are ahead of the clock.
        add_logs(dsn, NOW + timedelta(minutes=3), 11)
        add_traces(dsn, NOW)
        # A trace of forty minutes, of which only the last span is asked for.
        for number, (name, age) in enumerate((("early step", 50), ("late step", 10))):
            sql(
                dsn,
                "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
                "VALUES (repeat('ef', 16), lpad($1::text, 16, '0'), $2, $3)",
                str(number),
                name,
                NOW - timedelta(minutes=age),
            )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has no index is read in slices, and after one of them time is up."""
    monkeypatch.setattr(slices, "READ_AT_ONCE", 0)
    monkeypatch.setattr(slices, "FIRST", SLICE)
    monkeypatch.setattr(slices, "SECONDS", 0.0)


@pytest.fixture
def sliced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has no index is read in slices, with time for all of them."""
    monkeypatch.setattr(slices, "READ_AT_ONCE", 0)


def ask(api: httpx.Client, path: str, **parameters: object) -> dict[str, Any]:
    answer = api.get(path, params={"from": SINCE, **{name: str(value) for name, value in parameters.items()}})
    assert answer.status_code == 200, answer.text
    MODELS[path].model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def ids(body: dict[str, Any]) -> list[str]:
    return [log["id"] for log in body["logs"]] if "logs" in body else [trace["trace_id"] for trace in body["traces"]]


def all_ids(api: httpx.Client, path: str, **parameters: object) -> list[str]:
    """Page after page by its cursor, at most a hundred; all but the last MUST be partial or full."""
    found: list[str] = []
    cursor = ""
    for _ in range(100):
        body = ask(api, path, cursor=cursor, **parameters)
        found += ids(body)
        cursor = body["next_cursor"]
        if not cursor:
            assert "partial" not in body
            return found
        assert "partial" in body or len(ids(body)) == body["limit"]
    raise AssertionError("the pages have no end")


SEARCHES = [
    (LOGS, {"q": "connection"}),
    (LOGS, {"search": "connection reset"}),
    (LOGS, {"q": "-connection service:cart"}),
    (LOGS, {"q": "nothing.of.the.kind:x"}),
    (LOGS, {"q": "team:green OR level:error"}),
    (TRACES, {"q": "service:checkout"}),
    (TRACES, {"q": '"late step"'}),
    (TRACES, {"q": "name:*chat http.response.status_code:500 user_email:*acme.com"}),
]


@pytest.mark.parametrize(("path", "search"), SEARCHES)
@pytest.mark.parametrize("limit", [5, 200])
@pytest.mark.usefixtures("hurried")
def test_the_pages_of_partial_answers_are_the_whole_answer(
    api: httpx.Client, path: str, search: dict[str, str], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_parts = all_ids(api, path, limit=limit, **search)
    monkeypatch.undo()
    whole = ask(api, path, limit=200, **search)
    assert in_parts == (ids(whole) if not whole["next_cursor"] else all_ids(api, path, limit=200, **search))


@pytest.mark.parametrize(("path", "search"), SEARCHES)
@pytest.mark.parametrize("limit", [1, 5, 200])
def test_a_search_in_slices_answers_as_one_statement_does(
    api: httpx.Client, path: str, search: dict[str, str], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = ask(api, path, limit=limit, **search)
    monkeypatch.setattr(slices, "READ_AT_ONCE", 0)
    assert ask(api, path, limit=limit, **search) == at_once
    assert "partial" not in at_once


@pytest.mark.usefixtures("hurried")
def test_a_partial_answer_says_from_when_on_it_has_searched(api: httpx.Client, database: str) -> None:
    body = ask(api, LOGS, q="connection", limit=1000)
    searched_from = datetime.fromisoformat(body["partial"]["searched_from"])
    assert timedelta(0) <= datetime.now(UTC) - SLICE - searched_from < timedelta(minutes=1)
    found = sql(
        database,
        "SELECT id::text FROM enterprise.structured_logs WHERE timestamp >= $1 "
        "AND enterprise.message_words(message) @@ 'connect' ORDER BY timestamp DESC, id DESC",
        searched_from,
    )
    assert ids(body) == [row[0] for row in found] != []


@pytest.mark.usefixtures("hurried")
def test_traces_are_never_counted_in_part(api: httpx.Client) -> None:
    body = ask(api, TRACES, q="name:rag_retrieve")
    assert body["partial"]
    assert body["total"] is None


@pytest.mark.usefixtures("sliced")
def test_traces_that_could_all_be_read_are_counted_exactly(api: httpx.Client, database: str) -> None:
    exact = sql(database, "SELECT count(DISTINCT trace_id) FROM enterprise.trace_spans WHERE service_name = 'cart'")[0][
        0
    ]
    for limit in (1, 200):
        assert ask(api, TRACES, q="service:cart", limit=limit)["total"] == exact


async def test_a_count_that_takes_too_long_is_none(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "SECONDS", 0.1)
    connection = await connect(database)
    asked = Asked(Window(NOW - timedelta(hours=1), None), NOW, None, 1, 0)
    full = Page([{}], in_slices=True)
    async with connection.transaction():
        for statement, expected in (("SELECT count(*) FROM pg_sleep(60)", None), ("SELECT count(*)", 1)):
            assert await exact_count(connection, full, asked, statement, []) == expected
    await connection.close()


@pytest.mark.usefixtures("hurried")
def test_a_histogram_counts_what_was_searched_and_has_no_step_before_it(api: httpx.Client, database: str) -> None:
    body = ask(api, HISTOGRAM, q="connection")
    searched_from = datetime.fromisoformat(body["partial"]["searched_from"])
    assert datetime.fromisoformat(body["buckets"][0]["time"]) == searched_from
    assert body["from"] == SINCE
    counted: Counter[str] = Counter()
    for bucket in body["buckets"]:
        counted.update(bucket["levels"])
    by_hand = sql(
        database,
        "SELECT level, count(*) FROM enterprise.structured_logs WHERE timestamp >= $1 AND timestamp < $2 "
        "AND enterprise.message_words(message) @@ 'connect' GROUP BY level",
        searched_from,
        datetime.fromisoformat(body["to"]),
    )
    assert dict(counted) == {row["level"]: row["count"] for row in by_hand} != {}


def test_a_histogram_in_slices_is_that_of_one_statement(api: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    to = NOW.isoformat()
    at_once = ask(api, HISTOGRAM, q="connection", to=to)
    monkeypatch.setattr(slices, "READ_AT_ONCE", 0)
    assert ask(api, HISTOGRAM, q="connection", to=to) == at_once
    assert "partial" not in at_once


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        (LOGS, {}),
        (LOGS, {"level": "ERROR"}),
        (LOGS, {"q": "connection", "offset": "2"}),
        (TRACES, {"status": "error"}),
        (TRACES, {"q": "span_count:>0 trace.name:*"}),
        (TRACES, {"q": "service:checkout", "offset": "1"}),
        (HISTOGRAM, {}),
    ],
)
def test_what_is_no_search_of_rows_or_has_an_offset_is_one_statement(
    api: httpx.Client, path: str, parameters: dict[str, str]
) -> None:
    assert "partial" not in ask(api, path, **parameters)


@pytest.mark.usefixtures("hurried")
def test_what_has_its_indexes_is_not_sliced(api: httpx.Client, database: str) -> None:
    day = NOW - timedelta(days=3)
    add_logs(database, day, 50)
    parameters = {"from": (day - timedelta(hours=1)).isoformat(), "to": day.isoformat(), "q": "connection"}
    assert "partial" in ask(api, LOGS, **parameters)
    sql(database, "INSERT INTO enterprise.sealed_partitions VALUES ($1)", f"structured_logs_p{day:%Y%m%d}")
    assert "partial" not in ask(api, LOGS, **parameters)
