"""GET /traces/{trace_id}/links: both ways, of a trace and of a span."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api import trace_links
from query_api.trace_models import TraceLinks
from tests.conftest import copied
from tests.served_api import sql

NOW = datetime.now(UTC).replace(microsecond=123456)
SENT, TAKEN, BATCH = "aa" * 16, "bb" * 16, "cc" * 16
SENDER, TAKER, LOOPER = "1" * 16, "2" * 16, "3" * 16


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(
    dsn: str, trace_id: str, span_id: str, links: object = None, after: timedelta = timedelta(0), name: str = "work"
) -> None:
    sql(
        dsn,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, service_name, start_time, links) "
        "VALUES ($1, $2, $3, 'shop', $4, $5)",
        trace_id,
        span_id,
        name,
        NOW + after,
        None if links is None else json.dumps(links),
    )


def link(trace_id: str, span_id: str, **attributes: object) -> dict[str, object]:
    return {"trace_id": trace_id, "span_id": span_id, "trace_state": "", "flags": 0, "attributes": attributes}


def links(api: httpx.Client, trace_id: str, span_id: str = "") -> dict[str, Any]:
    answer = api.get(f"/api/observability/traces/{trace_id}/links", params={"span_id": span_id})
    assert answer.status_code == 200, answer.text
    TraceLinks.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def ends(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["from_span_id"], each["to_span_id"]) for each in found]


def test_a_link_is_seen_from_both_ends(api: httpx.Client, database: str) -> None:
    add(database, SENT, SENDER, name="publish")
    add(database, TAKEN, TAKER, [link(SENT, SENDER, queue="orders", n=2)], timedelta(days=1), name="consume")
    expected = {
        "from_trace_id": TAKEN,
        "from_span_id": TAKER,
        "from_operation_name": "consume",
        "from_service_name": "shop",
        "from_start_time": (NOW + timedelta(days=1)).isoformat(),
        "to_trace_id": SENT,
        "to_span_id": SENDER,
        "attributes": {"queue": "orders", "n": 2},
    }
    assert links(api, SENT) == {"outgoing": [], "incoming": [expected], "complete": True}
    assert links(api, TAKEN) == {"outgoing": [expected], "incoming": [], "complete": True}


def test_a_span_can_have_many_links_and_many_can_link_to_it(api: httpx.Client, database: str) -> None:
    add(database, SENT, SENDER)
    add(database, SENT, LOOPER, [link(SENT, SENDER), link(TAKEN, TAKER)], timedelta(seconds=1))
    add(database, TAKEN, TAKER)
    add(database, BATCH, "4" * 16, [link(SENT, SENDER), link(SENT, LOOPER), link(TAKEN, TAKER)], timedelta(seconds=2))
    assert ends(links(api, SENT)["outgoing"]) == [(LOOPER, SENDER), (LOOPER, TAKER)]
    assert ends(links(api, SENT)["incoming"]) == [(LOOPER, SENDER), ("4" * 16, SENDER), ("4" * 16, LOOPER)]
    assert ends(links(api, TAKEN)["incoming"]) == [(LOOPER, TAKER), ("4" * 16, TAKER)]
    of_span = links(api, SENT, LOOPER)
    assert (ends(of_span["outgoing"]), ends(of_span["incoming"])) == (
        [(LOOPER, SENDER), (LOOPER, TAKER)],
        [("4" * 16, LOOPER)],
    )
    assert links(api, SENT, "none") == {"outgoing": [], "incoming": [], "complete": True}


def test_links_of_a_span_that_came_twice_are_told_once(api: httpx.Client, database: str) -> None:
    add(database, SENT, SENDER)
    for _ in range(2):
        add(database, TAKEN, TAKER, [link(SENT, SENDER)])
    assert len(links(api, TAKEN)["outgoing"]) == len(links(api, SENT)["incoming"]) == 1


def test_what_began_long_before_the_trace_does_not_link_to_it(api: httpx.Client, database: str) -> None:
    add(database, SENT, SENDER)
    add(database, TAKEN, TAKER, [link(SENT, SENDER)], timedelta(minutes=-59))
    add(database, BATCH, TAKER, [link(SENT, SENDER)], timedelta(minutes=-61))
    assert [each["from_trace_id"] for each in links(api, SENT)["incoming"]] == [TAKEN]


@pytest.mark.parametrize(
    "odd",
    [{}, "text", 5, None, [], [1, "x", None], [{"trace_id": SENT}], [{"span_id": SENDER}], [[link(SENT, SENDER)]]],
)
def test_links_that_plain_sql_left_odd_are_passed_over(api: httpx.Client, database: str, odd: object) -> None:
    add(database, SENT, SENDER)
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time, links) "
        "VALUES ($1, $2, 'odd', $3, $4)",
        TAKEN,
        TAKER,
        NOW,
        json.dumps(odd),
    )
    for trace_id in (SENT, TAKEN):
        assert links(api, trace_id) == {"outgoing": [], "incoming": [], "complete": True}


def test_more_links_than_are_told_are_told_of(
    api: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(database, SENT, SENDER)
    add(database, TAKEN, TAKER, [link(SENT, SENDER, n=number) for number in range(3)])
    monkeypatch.setattr(trace_links, "MOST_LINKS", 2)
    for trace_id, way in ((TAKEN, "outgoing"), (SENT, "incoming")):
        found = links(api, trace_id)
        assert (len(found[way]), found["complete"]) == (2, False)


def test_an_unknown_trace_is_404(api: httpx.Client) -> None:
    answer = api.get("/api/observability/traces/gone/links")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Trace not found"})
