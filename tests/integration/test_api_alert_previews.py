"""Rules that are tried: over past data by the preview, and once before they are kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from alerting.api.preview_models import PreviewAnswer
from alerting.measuring import custom_sql, previewing, sql_login
from server.settings import Settings
from tests.conftest import copied, run
from tests.served_api import served_api, sql

RULES = "/api/observability/alerts/rules"
NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)
ERRORS: dict[str, Any] = {"name": "Errors", "metric_type": "error_count", "condition": "gt", "threshold": 2}
# An error in each of the minutes from 21 to 30 before now, of shop, and one of search.
FILL = (
    "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, service_name) "
    "SELECT $1::timestamptz - i * interval '1 minute' - interval '1 second', 'ERROR', 'l', 'm', "
    "CASE i WHEN 20 THEN 'search' ELSE 'shop' END FROM generate_series(20, 30) AS i"
)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        sql(dsn, FILL, NOW)
        sql(dsn, "DELETE FROM enterprise.alert_rules")
        yield dsn


@pytest.fixture(scope="module")
def client(database: str) -> Iterator[httpx.Client]:
    settings = Settings(alert_sql_dsn=SecretStr(run(sql_login.set_up(database))))
    with served_api(database, settings) as client:
        yield client


def previewed(client: httpx.Client, rule: dict[str, Any], **given: Any) -> dict[str, Any]:
    times = {"from": (NOW - 40 * MINUTE).isoformat(), "to": NOW.isoformat(), "step_seconds": 600}
    answer = client.post(f"{RULES}/preview", json={"rule": rule, **times, **given})
    assert answer.status_code == 200, answer.text
    PreviewAnswer.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def wrong(answer: httpx.Response) -> list[tuple[str, int | None]]:
    """The fields of a 422, each with the position in it."""
    assert answer.status_code == 422, answer.text
    return [(mistake["loc"][-1], mistake.get("ctx", {}).get("position")) for mistake in answer.json()["detail"]]


def test_a_preview_measures_as_evaluations_would_have(client: httpx.Client) -> None:
    found = previewed(client, ERRORS)
    assert [datetime.fromisoformat(time) for time in found["times"]] == [NOW - i * 10 * MINUTE for i in (4, 3, 2, 1, 0)]
    assert found["label_sets"] == 1
    assert found["series"] == [
        {"labels": {}, "values": [0, 1, 5, 0, 0], "met": [False, False, True, False, False]},
    ]
    assert (found["failures"], found["partial"]) == ([], None)


def test_label_sets_have_the_value_of_what_is_missing_where_they_are_not(client: httpx.Client) -> None:
    found = previewed(client, ERRORS | {"group_by": ["service"]})
    assert {each["labels"]["service"]: each["values"] for each in found["series"]} == {
        "shop": [0, 1, 4, 0, 0],
        "search": [0, 0, 1, 0, 0],
    }
    found = previewed(client, {"name": "n", "metric_type": "latency_p95", "condition": "gt", "threshold": 1})
    assert found["series"] == [{"labels": {}, "values": [None] * 5, "met": [False] * 5}]


def test_sql_is_previewed_with_its_window(client: httpx.Client) -> None:
    counted = (
        "SELECT service_name AS service, count(*) FROM enterprise.structured_logs "
        "WHERE timestamp >= $1 AND timestamp < $2 GROUP BY 1"
    )
    found = previewed(client, ERRORS | {"metric_type": "custom_sql", "custom_sql": counted})
    assert {each["labels"]["service"]: each["values"] for each in found["series"]} == {
        "shop": [None, 1, 4, None, None],
        "search": [None, None, 1, None, None],
    }


def test_failures_have_their_time(client: httpx.Client) -> None:
    broken = "SELECT 1 / (CASE WHEN extract(epoch FROM $2) % 1200 < 600 THEN 1 ELSE 0 END)"
    found = previewed(client, ERRORS | {"metric_type": "custom_sql", "custom_sql": broken})
    assert 2 <= len(found["failures"]) <= 3
    assert {each["error"] for each in found["failures"]} == {"custom_sql: division by zero"}
    values = dict(zip(found["times"], found["series"][0]["values"], strict=True))
    assert {time for time, value in values.items() if value is None} == {each["time"] for each in found["failures"]}


def test_by_default_it_looks_six_hours_back_in_at_most_120_steps(client: httpx.Client) -> None:
    answer = client.post(f"{RULES}/preview", json={"rule": ERRORS})
    assert answer.status_code == 200
    assert (len(answer.json()["times"]), answer.json()["step_seconds"]) == (73, 300)


def test_without_time_for_all_it_answers_for_the_newest(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previewing, "SECONDS", 0.0)
    found = previewed(client, ERRORS)
    assert [datetime.fromisoformat(time) for time in found["times"]] == [NOW]
    assert found["partial"] == {"searched_from": found["times"][0]}


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"from": "yesterday"}, ["from"]),
        ({"to": "now", "from": "now+1h"}, ["to"]),
        ({"from": "now-40d"}, ["to"]),
        ({"from": "now-24h", "step_seconds": 60}, ["step_seconds"]),
        ({"step_seconds": 0}, ["step_seconds"]),
        ({"rule": ERRORS | {"metric_type": "nothing"}}, ["metric_type"]),
        ({"rule": ERRORS | {"query": "level:("}}, ["query"]),
        ({"rule": ERRORS | {"threshold": "high"}}, ["threshold"]),
    ],
    ids=str,
)
def test_mistakes_of_a_preview_have_their_field(client: httpx.Client, given: dict[str, Any], fields: list[str]) -> None:
    answer = client.post(f"{RULES}/preview", json={"rule": ERRORS} | given)
    assert [field for field, _ in wrong(answer)] == fields


@pytest.mark.parametrize(
    ("given", "field", "position"),
    [
        ({"metric_type": "custom_sql", "custom_sql": "SELECT count(*) FORM x"}, "custom_sql", 21),
        ({"metric_type": "custom_sql", "custom_sql": "SELECT 'Käse' FROM nowhere"}, "custom_sql", 19),
        ({"metric_type": "custom_sql", "custom_sql": "SELECT 'a'"}, "custom_sql", None),
        ({"metric_type": "custom_sql", "custom_sql": "SELECT 1 / 0"}, "custom_sql", None),
        ({"metric_type": "logs", "query": "a duration:"}, "query", 11),
        ({"metric_type": "spans", "query": "duration:fast"}, "query", 9),
        ({"metric_type": "traces", "group_by": ["resource.zone"]}, "group_by", None),
        ({"metric_type": "llm_cost", "group_by": ["colour"]}, "group_by", None),
        ({"metric_type": "llm_cost", "query": "model:alpha"}, "query", None),
        ({"metric_type": "error_count", "of_query": "a"}, "of_query", None),
        ({"metric_type": "logs", "group_by": [f"g{i}" for i in range(9)]}, "group_by", None),
        ({"metric_type": "metric", "metric_name": "m", "aggregation": "median"}, "aggregation", None),
    ],
    ids=str,
)
def test_a_rule_that_cannot_be_measured_is_not_kept(
    client: httpx.Client, given: dict[str, Any], field: str, position: int | None
) -> None:
    assert wrong(client.post(RULES, json=ERRORS | given)) == [(field, position)]
    rule_id = client.post(RULES, json=ERRORS).json()["id"]
    try:
        assert wrong(client.put(f"{RULES}/{rule_id}", json=given)) == [(field, position)]
        assert client.get(f"{RULES}/{rule_id}").json()["version"] == 1
    finally:
        client.delete(f"{RULES}/{rule_id}")


def test_sql_that_takes_too_long_is_not_kept(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(custom_sql.SESSION, "statement_timeout", "300ms")
    endless = "SELECT count(*) FROM generate_series(1, 1000000) AS a, generate_series(1, 1000000) AS b"
    answer = client.post(RULES, json=ERRORS | {"metric_type": "custom_sql", "custom_sql": endless})
    assert wrong(answer) == [("custom_sql", None)]
    assert "took longer" in answer.json()["detail"][0]["msg"]


def test_what_is_wrong_already_hinders_no_other_change(client: httpx.Client, database: str) -> None:
    [row] = sql(
        database,
        "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold, custom_sql, enabled) "
        "VALUES ('broken', 'custom_sql', 'gt', 1, 'SELECT', false) RETURNING id",
    )
    answer = client.put(f"{RULES}/{row[0]}", json={"threshold": 7, "custom_sql": "SELECT"})
    assert answer.status_code == 200, answer.text
    assert client.delete(f"{RULES}/{row[0]}").status_code == 200
