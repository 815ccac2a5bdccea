"""A trace or a span with its logs, and a span by its id."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from query_api import trace_logs
from query_api.trace_models import SpanDetail, TraceDetail
from tests.conftest import copied
from tests.served_api import sql

NOW = datetime.now(UTC).replace(microsecond=123456)
TRACE, OTHER = "aa" * 16, "bb" * 16
ROOT, CHILD = "1" * 16, "2" * 16
URL = f"/api/observability/traces/{TRACE}"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
def trace(api: httpx.Client, database: str) -> str:
    """A trace of two spans that takes ten minutes."""
    sql(
        database,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, parent_span_id, operation_name, start_time, end_time, "
        "duration_ms, status, tags, logs, links) VALUES "
        "($1, $2, NULL, 'root', $4, $4::timestamptz + interval '10 min', 600000, 'completed', '{}', '[]', NULL), "
        "($1, $3, $2, 'child', $4::timestamptz + interval '1 min', $4::timestamptz + interval '2 min', 60000, "
        '\'completed\', \'{"a": 1}\', \'[{"message": "event"}]\', \'[{"trace_id": "x", "span_id": "y"}]\')',
        TRACE,
        ROOT,
        CHILD,
        NOW,
    )
    return database


def log(dsn: str, message: str, minutes: float, trace_id: str | None = TRACE, span_id: str | None = ROOT) -> None:
    sql(
        dsn,
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id, span_id) "
        "VALUES ($1, 'INFO', 'app', $2, $3, $4)",
        NOW + timedelta(minutes=minutes),
        message,
        trace_id,
        span_id,
    )


def messages(body: dict[str, Any]) -> list[str]:
    return [line["message"] for line in body["logs"]]


def asked(api: httpx.Client, path: str, **parameters: str) -> dict[str, Any]:
    answer = api.get(URL + path, params=parameters)
    assert answer.status_code == 200, answer.text
    model = SpanDetail if path else TraceDetail
    model.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def test_logs_come_when_asked_for_alone(api: httpx.Client, trace: str) -> None:
    log(trace, "hello", 1)
    assert asked(api, "").keys() == asked(api, "", logs="").keys() == {"trace", "spans"}
    assert asked(api, f"/spans/{ROOT}").keys() == {"spans"}
    with_logs = asked(api, "", logs="true")
    assert (messages(with_logs), with_logs["more_logs"]) == (["hello"], False)
    assert with_logs["spans"] == asked(api, "")["spans"]


def test_logs_are_those_of_the_traces_time_padded_by_five_minutes(api: httpx.Client, trace: str) -> None:
    for minutes in (14.99, 3, -4.99, -5.01, 15.01, 3.5):
        log(trace, f"at {minutes}", minutes)
    log(trace, "another's", 3, OTHER)
    log(trace, "nobody's", 3, None, None)
    assert messages(asked(api, "", logs="true")) == ["at -4.99", "at 3", "at 3.5", "at 14.99"]


def test_logs_of_a_span_are_its_own(api: httpx.Client, trace: str) -> None:
    log(trace, "root's", 1)
    log(trace, "child's", 2, span_id=CHILD)
    log(trace, "the trace's", 3, span_id=None)
    assert messages(asked(api, f"/spans/{CHILD}", logs="true")) == ["child's"]
    assert messages(asked(api, "", logs="true")) == ["root's", "child's", "the trace's"]


def test_of_many_logs_the_first_come_and_the_answer_says_that_there_are_more(
    api: httpx.Client, trace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        log(trace, str(number), number)
    monkeypatch.setattr(trace_logs, "MOST_LOGS", 4)
    whole = asked(api, "", logs="true")
    assert (messages(whole), whole["more_logs"]) == (["0", "1", "2", "3"], False)
    monkeypatch.setattr(trace_logs, "MOST_LOGS", 3)
    cut = asked(api, "", logs="true")
    assert (messages(cut), cut["more_logs"]) == (["0", "1", "2"], True)


def test_a_span_comes_by_its_id_with_everything(api: httpx.Client, trace: str) -> None:
    whole = {span["span_id"]: span for span in asked(api, "")["spans"]}
    [span] = asked(api, f"/spans/{CHILD}")["spans"]
    assert span == whole[CHILD]
    assert (span["tags"], span["logs"]) == ({"a": 1}, [{"message": "event"}])
    assert span["links"] == [{"trace_id": "x", "span_id": "y"}]


def test_spans_that_share_an_id_come_both(api: httpx.Client, trace: str) -> None:
    sql(
        trace,
        "INSERT INTO enterprise.trace_spans (trace_id, span_id, operation_name, start_time) "
        "VALUES ($1, $2, 'again', $3)",
        TRACE,
        CHILD,
        NOW + timedelta(minutes=4),
    )
    assert [span["operation_name"] for span in asked(api, f"/spans/{CHILD}")["spans"]] == ["child", "again"]


@pytest.mark.parametrize(("path", "detail"), [("/spans/none", "Span not found"), ("x/spans/none", "Trace not found")])
def test_an_unknown_id_is_404(api: httpx.Client, trace: str, path: str, detail: str) -> None:
    answer = api.get(URL + path)
    assert (answer.status_code, answer.json()) == (404, {"detail": detail})


def test_whether_logs_are_wanted_is_true_or_false(api: httpx.Client, trace: str) -> None:
    assert api.get(f"{URL}?logs=perhaps").status_code == 422
