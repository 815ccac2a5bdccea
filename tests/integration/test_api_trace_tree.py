"""GET /traces/{trace_id}/tree: places, pages, subtrees, marks, as it comes over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest

from query_api.trace_models import TraceTree
from query_api.tree import reading
from tests.conftest import copied
from tests.served_api import sql

NOW = datetime.now(UTC).replace(microsecond=123456)
TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"
MILLISECOND = timedelta(milliseconds=1)
# Name, parent, start and end in ms after NOW; no end while in progress.
CHAT: list[tuple[str, str | None, int, int | None]] = [
    ("root", None, 0, 100),
    ("rag", "root", 10, 40),
    ("embed", "rag", 10, 20),
    ("search", "rag", 20, 35),
    ("llm", "root", 45, 95),
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, name: str, parent: str | None, start: int, end: int | None, **columns: object) -> None:
    row: dict[str, object] = {
        "trace_id": TRACE,
        "span_id": name,
        "parent_span_id": parent,
        "operation_name": f"do {name}",
        "service_name": "shop",
        "start_time": NOW + start * MILLISECOND,
        "end_time": None if end is None else NOW + end * MILLISECOND,
        "duration_ms": None if end is None else end - start,
        "status": "in_progress" if end is None else "completed",
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    sql(dsn, f"INSERT INTO enterprise.trace_spans ({', '.join(row)}) VALUES ({places})", *row.values())


def tree(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(
        f"/api/observability/traces/{TRACE}/tree", params={name: str(value) for name, value in parameters.items()}
    )
    assert answer.status_code == 200, answer.text
    TraceTree.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def outline(body: dict[str, Any]) -> str:
    return " ".join(f"{span['depth']}{span['span_id']}" for span in body["spans"])


def test_a_span_has_its_place_and_what_a_waterfall_shows(api: httpx.Client, database: str) -> None:
    for span in CHAT:
        add(database, *span)
    add(
        database,
        "cache",
        "llm",
        50,
        60,
        kind=3,
        status="error",
        error_message="gone",
        start_nanos=7,
        end_nanos=9,
        logs='[{"message": "a"}, {"message": "b"}]',
        links=f'[{{"trace_id": "{TRACE}", "span_id": "root"}}]',
    )
    body = tree(api)
    assert outline(body) == "0root 1rag 2embed 2search 1llm 2cache"
    assert (body["trace"]["trace_id"], body["trace"]["duration_ms"]) == (TRACE, 100.0)
    assert {name: value for name, value in body.items() if name not in ("trace", "spans")} == {
        "span_count": 6,
        "root_missing": False,
        "missing_parents": 0,
        "complete": True,
        "limit": 500,
        "next_cursor": None,
    }
    cache = body["spans"][-1]
    cache.pop("id")
    assert cache == {
        "span_id": "cache",
        "parent_span_id": "llm",
        "operation_name": "do cache",
        "service_name": "shop",
        "kind": 3,
        "start_time": (NOW + 50 * MILLISECOND).isoformat(),
        "start_nanos": 7,
        "end_time": (NOW + 60 * MILLISECOND).isoformat(),
        "end_nanos": 9,
        "duration_ms": 10.0,
        "status": "error",
        "error_message": "gone",
        "events": 2,
        "links": 1,
        "depth": 2,
        "children": 0,
        "descendants": 0,
        "self_ms": 10.000002,
        "critical_path_ms": 10.000002,
        "errors_below": 0,
        "parent_missing": False,
        "parent_cut": False,
    }
    root, rag, _, _, llm, _ = body["spans"]
    assert (root["children"], root["descendants"], root["errors_below"]) == (2, 5, 1)
    assert (root["self_ms"], root["critical_path_ms"]) == (20.0, 20.0)
    assert (rag["self_ms"], rag["errors_below"]) == (5.0, 0)
    assert (llm["self_ms"], llm["errors_below"]) == (39.999998, 1)
    assert sum(span["critical_path_ms"] for span in body["spans"]) == pytest.approx(100)


@pytest.mark.parametrize("order", list(permutations(CHAT))[::17])
def test_the_order_of_arrival_does_not_matter(
    api: httpx.Client, database: str, order: tuple[tuple[str, str | None, int, int | None], ...]
) -> None:
    for span in order:
        add(database, *span)
    assert outline(tree(api)) == "0root 1rag 2embed 2search 1llm"


def test_what_is_missing_doubled_or_crossed_is_marked(api: httpx.Client, database: str) -> None:
    add(database, "lost", "gone", 0, 5)
    add(database, "below", "lost", 1, 2)
    add(database, "x", "y", 10, 11)
    add(database, "y", "x", 12, 13)
    body = tree(api)
    assert outline(body) == "0lost 1below 0x 1y"
    assert (body["root_missing"], body["missing_parents"]) == (True, 1)
    assert [span["parent_missing"] for span in body["spans"]] == [True, False, False, False]
    assert [span["parent_cut"] for span in body["spans"]] == [False, False, True, False]
    add(database, "self", "self", 20, 21)
    assert outline(tree(api)) == "0lost 1below 0x 1y 0self"
    assert tree(api)["root_missing"] is False


def test_a_span_that_came_twice_stands_once_and_rather_ended(api: httpx.Client, database: str) -> None:
    add(database, "root", None, 0, 10)
    add(database, "root", None, 0, None)
    add(database, "root", None, 5, 6)
    add(database, "child", "root", 7, 8)
    body = tree(api)
    assert outline(body) == "0root 1child 0root"
    assert (body["span_count"], body["spans"][0]["duration_ms"]) == (3, 10.0)


def test_a_span_in_progress_has_no_time_of_its_own_yet(api: httpx.Client, database: str) -> None:
    add(database, "root", None, 0, None)
    add(database, "child", "root", 10, 30)
    root, child = tree(api)["spans"]
    assert (root["self_ms"], root["critical_path_ms"]) == (None, 10.0)
    assert (child["self_ms"], child["critical_path_ms"]) == (20.0, 20.0)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"levels": 0}, "0root"),
        ({"levels": 1}, "0root 1rag 1llm"),
        ({"span_id": "rag"}, "1rag 2embed 2search"),
        ({"span_id": "rag", "levels": 0}, "1rag"),
        ({"span_id": "search"}, "2search"),
        ({"span_id": "", "levels": "", "limit": "", "cursor": ""}, "0root 1rag 2embed 2search 1llm"),
    ],
)
def test_a_part_of_the_tree_can_be_asked_for(
    api: httpx.Client, database: str, parameters: dict[str, object], expected: str
) -> None:
    for span in CHAT:
        add(database, *span)
    whole = {span["span_id"]: span for span in tree(api)["spans"]}
    body = tree(api, **parameters)
    assert outline(body) == expected
    assert all(span == whole[span["span_id"]] for span in body["spans"])
    assert body["span_count"] == 5


@pytest.mark.parametrize("parameters", [{}, {"levels": 2}, {"span_id": f"{7:016x}"}], ids=str)
def test_pages_are_the_whole_tree_also_while_spans_arrive(
    api: httpx.Client, database: str, parameters: dict[str, object]
) -> None:
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, start_time, end_time, "
        "duration_ms) SELECT $1, lpad(to_hex(i), 16, '0'), CASE WHEN i > 1 THEN lpad(to_hex(i / 3 + 1), 16, '0') END, "
        "'step', $2::timestamptz + i % 50 * interval '1 ms', $2::timestamptz + interval '1 second', 1 "
        "FROM generate_series(1, 1500) AS i",
        TRACE,
        NOW,
    )
    whole = tree(api, limit=1000, **parameters)
    expected = [span["id"] for span in whole["spans"]]
    if whole["next_cursor"]:
        expected += [span["id"] for span in tree(api, limit=1000, cursor=whole["next_cursor"], **parameters)["spans"]]
    assert whole["span_count"] == 1500
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = tree(api, limit=97, cursor=cursor, **parameters)
        found += [span["id"] for span in page["spans"]]
        cursor = page["next_cursor"]
        add(database, f"late {len(found)}", "gone", -1, 0)
    assert found == expected
    assert len(expected) == len(set(expected))


def test_more_spans_than_a_tree_takes_are_told_of(
    api: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for span in CHAT:
        add(database, *span)
    monkeypatch.setattr(reading, "MOST_SPANS", 3)
    body = tree(api)
    assert (outline(body), body["complete"], body["span_count"]) == ("0root 1rag 2embed", False, 3)


@pytest.mark.parametrize("start", ["0044-03-15 BC", "12026-01-01Z", "infinity", "-infinity"])
def test_times_beyond_all_measure_do_no_harm(api: httpx.Client, database: str, start: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, end_time) "
        f"VALUES ($1, 'odd', 'odd', '{start}', '{start}')",
        TRACE,
    )
    answer = api.get(f"/api/observability/traces/{TRACE}/tree")
    assert (answer.status_code, outline(answer.json())) == (200, "0odd")


def test_a_trace_without_spans_has_an_empty_tree(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) VALUES ($1, 'http', $2)",
        TRACE,
        NOW,
    )
    body = tree(api)
    assert (body["spans"], body["span_count"], body["next_cursor"]) == ([], 0, None)


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ("limit=0", 422, "limit"),
        ("limit=1001", 422, "limit"),
        ("levels=-1", 422, "levels"),
        ("cursor=abc", 422, "cursor"),
        ("cursor=NXxnb25l", 422, "cursor"),
        ("span_id=gone", 404, "Span not found"),
    ],
)
def test_what_cannot_be_asked_is_told(api: httpx.Client, database: str, query: str, code: int, says: str) -> None:
    add(database, "root", None, 0, 10)
    answer = api.get(f"/api/observability/traces/{TRACE}/tree?{query}")
    assert answer.status_code == code
    assert says in answer.text


def test_an_unknown_trace_has_no_tree(api: httpx.Client) -> None:
    answer = api.get("/api/observability/traces/gone/tree")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Trace not found"})
