"""GET /logs/export: the rows of the list, as files."""

import csv
import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from query_api import file_answer, log_export
from tests.conftest import copied
from tests.searchable import add_logs, add_origins
from tests.served_api import served_api, sql

LOGS = "/api/observability/logs"
NOW = datetime.now(UTC)
COUNT = 1700


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_logs(dsn, NOW, COUNT)
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, extra, body) "
            "VALUES ($1, 'INFO', 'csv', E'a \"quoted\",\\nbroken line; ü', '{\"n\": 1.10, \"l\": [1, \"é\"]}', 'null')",
            NOW,
        )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def export(api: httpx.Client, **parameters: object) -> httpx.Response:
    answer = api.get(f"{LOGS}/export", params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    return answer


def listed(api: httpx.Client, **parameters: object) -> list[dict[str, Any]]:
    """All pages of the list."""
    logs: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        texts = {name: str(value) for name, value in parameters.items()}
        page = api.get(LOGS, params=texts | {"limit": "1000", "cursor": cursor}).json()
        logs += page["logs"]
        cursor = page["next_cursor"]
    return logs


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"q": "connection -level:info"},
        {"level": "ERROR", "search": "reset"},
        {"from": "-10m", "to": "-5m"},
        {"q": "zz"},
    ],
)
def test_json_lines_are_the_rows_of_the_list(api: httpx.Client, parameters: dict[str, str]) -> None:
    answer = export(api, **parameters)
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    assert answer.headers["content-disposition"] == 'attachment; filename="logs.ndjson"'
    assert [json.loads(line) for line in answer.text.splitlines()] == listed(api, **parameters)


def test_csv_has_a_line_of_names_and_the_same_rows(api: httpx.Client) -> None:
    answer = export(api, format="csv", q="service:cart OR logger:csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    logs = listed(api, q="service:cart OR logger:csv")
    assert list(rows[0]) == list(logs[0])
    assert [row["id"] for row in rows] == [log["id"] for log in logs]
    odd = next(row for row in rows if row["logger_name"] == "csv")
    assert odd["message"] == 'a "quoted",\nbroken line; ü'
    assert (odd["extra"], odd["body"], odd["user_email"]) == ('{"l": [1, "é"], "n": 1.10}', "", "")


def test_without_rows_csv_has_its_names_and_json_lines_nothing(api: httpx.Client) -> None:
    assert export(api, q="zz").text == ""
    assert export(api, q="zz", format="csv").text == ",".join(log_export.COLUMNS) + "\r\n"


def test_an_export_is_bounded_and_goes_on_from_a_cursor(api: httpx.Client) -> None:
    assert len(export(api, limit=101).text.splitlines()) == 101
    page = api.get(LOGS, params={"limit": "600"}).json()
    rest = export(api, cursor=page["next_cursor"]).text.splitlines()
    assert len(rest) == COUNT + 1 - 600


@pytest.mark.parametrize("query", ["limit=0", "limit=100001", "format=xml", "q=a+AND", "hours=0", "cursor=x"])
def test_a_bad_parameter_is_422_before_anything_is_sent(api: httpx.Client, query: str) -> None:
    assert api.get(f"{LOGS}/export?{query}").status_code == 422


def open_exports(database: str) -> int:
    found: int = sql(
        database,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL "
        "AND query LIKE '%structured_logs AS log%' AND pid <> pg_backend_pid()",
    )[0][0]
    return found


def until_no_export_is_open(database: str) -> None:
    deadline = time.monotonic() + 20
    while open_exports(database):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def long(database: str) -> Iterator[None]:
    """Rows so long that no buffer on the way holds a whole file."""
    sql(database, "UPDATE enterprise.structured_logs SET exception_message = repeat('x', 60000)")
    yield
    sql(database, "UPDATE enterprise.structured_logs SET exception_message = NULL")


@pytest.mark.usefixtures("long")
def test_clients_that_leave_keep_no_connection_and_no_place(
    api: httpx.Client, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(6):
        with api.stream("GET", f"{LOGS}/export") as answer:
            assert answer.status_code == 200
            # Kept: httpx closes the connection with its iterator.
            pieces = answer.iter_raw()
            assert next(pieces)
            assert open_exports(database) == 1
        until_no_export_is_open(database)
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.usefixtures("long")
def test_a_third_export_at_once_is_refused_and_others_go_on(api: httpx.Client, database: str) -> None:
    with (
        api.stream("GET", f"{LOGS}/export") as first,
        api.stream("GET", f"{LOGS}/export") as second,
    ):
        assert (first.status_code, second.status_code) == (200, 200)
        refused = api.get(f"{LOGS}/export")
        assert (refused.status_code, list(refused.json())) == (503, ["detail"])
        assert api.get(LOGS).status_code == 200
        assert sum(line != "" for line in first.iter_lines()) == COUNT + 1
        assert sum(line != "" for line in second.iter_lines()) == COUNT + 1
    until_no_export_is_open(database)
    assert api.get(f"{LOGS}/export", params={"limit": "1"}).status_code == 200


def said(caplog: pytest.LogCaptureFixture, beginning: str) -> None:
    """Waits for the line of our own log; no traceback goes with it."""
    deadline = time.monotonic() + 20
    while not any(record.getMessage().startswith(beginning) for record in caplog.records):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("format", ["ndjson", "csv"])
def test_a_client_that_does_not_take_its_file_is_cut_off(
    api: httpx.Client, database: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, format: str
) -> None:
    monkeypatch.setattr(file_answer, "MOST_SECONDS", 0.5)
    with api.stream("GET", f"{LOGS}/export", params={"format": format}) as answer:
        until_no_export_is_open(database)
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    said(caplog, "an export was cut off: it took more than 0.5 s")


@pytest.mark.usefixtures("long")
def test_a_database_that_goes_away_cuts_the_file_off(
    api: httpx.Client, database: str, caplog: pytest.LogCaptureFixture
) -> None:
    with api.stream("GET", f"{LOGS}/export") as answer:
        sql(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND xact_start IS NOT NULL AND query LIKE '%structured_logs AS log%' AND pid <> pg_backend_pid()",
        )
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    said(caplog, "an export was cut off: The database cannot be reached")
