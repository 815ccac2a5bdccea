"""GET /metrics/catalogue and /metrics/attributes: which metrics there are, and what their series differ in."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api.metrics.models import MetricAttributes, MetricCatalogue
from tests.conftest import copied
from tests.metered import Metered
from tests.searchable import add_origins
from tests.served_api import sql

METRICS = "/api/observability/metrics"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        metered = Metered(dsn)
        for number in range(6):
            metered.series(
                "http.server.request.duration",
                "histogram",
                "cumulative",
                attributes={"http.route": f"/{number % 3}", "http.status": 200 + number, "k8s.pod.name": "mine"},
                service=("checkout", "cart")[number % 2],
                unit="s",
                resource=1 + number % 2,
                scope=1,
            )
        metered.series("http.client.calls", "sum", "delta", True, service="cart", resource=2, scope=2)
        metered.series("memory", "gauge", unit="By", attributes={"long": "x" * 300, "nothing": None})
        metered.series("memory", "gauge", unit="MB")
        metered.series("100%_of.it", "gauge")
        old = metered.series("gone", "gauge")
        sql(
            dsn, "UPDATE enterprise.metric_series SET last_seen = $2, first_seen = $2 WHERE id = $1", old, NOW - 9 * DAY
        )
        yield dsn


def listed(client: httpx.Client, **parameters: str) -> dict[str, Any]:
    answer = client.get(f"{METRICS}/catalogue", params=parameters)
    assert answer.status_code == 200, answer.text
    MetricCatalogue.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def names(client: httpx.Client, **parameters: str) -> list[str]:
    return [metric["name"] for metric in listed(client, **parameters)["metrics"]]


def attributes(client: httpx.Client, **parameters: str) -> dict[str, Any]:
    answer = client.get(f"{METRICS}/attributes", params=parameters)
    assert answer.status_code == 200, answer.text
    MetricAttributes.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_metrics_by_name_with_what_they_are(client: httpx.Client) -> None:
    body = listed(client)
    assert [(metric["name"], metric["unit"], metric["series"]) for metric in body["metrics"]] == [
        ("100%_of.it", "1", 1),
        ("http.client.calls", "1", 1),
        ("http.server.request.duration", "s", 6),
        ("memory", "By", 1),
        ("memory", "MB", 1),
    ]
    assert body["total"] == 5
    duration = body["metrics"][2]
    assert duration["services"] == ["cart", "checkout"]
    assert (duration["type"], duration["temporality"], duration["monotonic"]) == ("histogram", "cumulative", None)
    assert duration["description"] == "What http.server.request.duration says"
    assert NOW <= datetime.fromisoformat(duration["first_seen"]) <= datetime.fromisoformat(duration["last_seen"])


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("HTTP", ["http.client.calls", "http.server.request.duration"]),
        ("http -server", ["http.client.calls"]),
        ("%_", ["100%_of.it"]),
        ("metric.name:http.*", ["http.client.calls", "http.server.request.duration"]),
        ("service:checkout", ["http.server.request.duration"]),
        ("metric.type:(sum OR histogram) k8s.pod.name:pod-2", ["http.client.calls", "http.server.request.duration"]),
        ("metric.unit:By", ["memory"]),
        ("http.status:>203", ["http.server.request.duration"]),
        ("nothing.like.it", []),
    ],
)
def test_a_search_finds_parts_of_names_and_fields(client: httpx.Client, q: str, expected: list[str]) -> None:
    assert names(client, q=q) == expected


def test_only_series_that_match_are_counted(client: httpx.Client) -> None:
    [metric] = listed(client, q="http.status:>203")["metrics"]
    assert (metric["series"], metric["services"]) == (2, ["cart", "checkout"])


def test_what_was_not_seen_in_the_window_is_left_out(client: httpx.Client) -> None:
    assert "gone" in names(client, **{"from": (NOW - 12 * DAY).isoformat()})
    assert names(client, **{"from": (NOW - 12 * DAY).isoformat(), "to": (NOW - 5 * DAY).isoformat()}) == ["gone"]
    assert names(client, **{"from": "0001-01-01", "to": "0001-01-02"}) == []


def test_pages(client: httpx.Client) -> None:
    assert names(client, limit="2") + names(client, limit="2", offset="2") == names(client, limit="4")
    body = listed(client, limit="2", offset="9")
    assert (body["metrics"], body["total"]) == ([], 5)
    assert client.get(f"{METRICS}/catalogue", params={"limit": "1001"}).status_code == 422


def test_attributes_of_series_resource_and_scope_with_counts(client: httpx.Client) -> None:
    body = attributes(client, name="http.server.request.duration", values="2")
    assert (body["series"], body["cut"]) == (6, False)
    found = {entry["name"]: entry for entry in body["attributes"]}
    assert [found[name]["values"] for name in ("http.status", "http.route", "resource.k8s.pod.name")] == [6, 3, 2]
    assert found["http.route"]["most"] == [{"value": "/0", "series": 2}, {"value": "/1", "series": 2}]
    assert (found["http.route"]["place"], found["http.route"]["series"]) == ("item", 6)
    assert found["resource.replicas"]["most"] == [{"value": "3", "series": 3}]
    assert found["k8s.pod.name"]["most"] == [{"value": "mine", "series": 6}]
    assert found["scope.team"]["most"] == [{"value": "green", "series": 6}]
    assert [entry["values"] for entry in body["attributes"]] == sorted(
        (entry["values"] for entry in body["attributes"]), reverse=True
    )


def test_attributes_are_narrowed_and_cut(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    body = attributes(client, name="http.server.request.duration", q="service:cart", limit="1")
    assert body["series"] == 3
    assert [entry["name"] for entry in body["attributes"]] == ["http.route"]
    assert attributes(client, name="memory")["attributes"][0]["most"] == [{"value": "x" * 200, "series": 1}]
    assert attributes(client, name="http.nothing")["attributes"] == []
    monkeypatch.setattr("query_api.metrics.catalogue.MOST_SERIES", 4)
    body = attributes(client, name="http.server.request.duration")
    assert (body["series"], body["cut"]) == (4, True)


@pytest.mark.parametrize("text", ["' OR '1'='1", "$1", "{matches}", "%s {0}", "'||pg_sleep(9)||'"])
def test_what_a_request_holds_is_never_part_of_the_statement(client: httpx.Client, text: str) -> None:
    assert attributes(client, name=text)["series"] == 0
    assert names(client, q=f'"{text}"') == []
