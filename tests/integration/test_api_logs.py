"""GET /logs and /logs/{log_id}: filters, bounds, order, shape."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from query_api.models import LogDetail, LogList
from tests.conftest import copied
from tests.served_api import sql

LOGS = "/api/observability/logs"
# All columns of the contract's table but exception_traceback.
LISTED = {
    "id",
    "timestamp",
    "level",
    "logger_name",
    "message",
    "trace_id",
    "span_id",
    "user_email",
    "department",
    "session_id",
    "endpoint",
    "extra",
    "exception_type",
    "exception_message",
}
NOW = datetime.now(UTC).replace(microsecond=654321)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add_log(dsn: str, message: str, age: timedelta = timedelta(0), **columns: object) -> UUID:
    """One row of enterprise.structured_logs by plain SQL; its id."""
    row: dict[str, object] = {
        "timestamp": NOW - age,
        "level": "INFO",
        "logger_name": "app",
        "message": message,
        **columns,
    }
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    statement = f"INSERT INTO enterprise.structured_logs ({', '.join(row)}) VALUES ({places}) RETURNING id"
    made: UUID = sql(dsn, statement, *row.values())[0][0]
    return made


def time_ordered(moment: datetime, tail: int) -> UUID:
    """A version 7 uuid of this moment, as writers make them."""
    milliseconds = (moment - EPOCH) // timedelta(milliseconds=1)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | tail)


def listed(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(LOGS, params={name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LogList.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def messages(body: dict[str, Any]) -> list[str]:
    return [log["message"] for log in body["logs"]]


def test_an_empty_database_gives_an_empty_page(api: httpx.Client) -> None:
    assert listed(api) == {"logs": [], "limit": 100, "offset": 0, "next_cursor": None}


def test_a_listed_log_has_every_column_but_the_traceback(api: httpx.Client, database: str) -> None:
    made = add_log(
        database,
        "failed",
        level="ERROR",
        logger_name="app.db",
        trace_id="ab" * 16,
        span_id="cd" * 8,
        user_email="ann@example.com",
        department="sales",
        session_id="s1",
        endpoint="/chat",
        extra='{"attempt": 2, "of": [1, null]}',
        exception_type="ValueError",
        exception_message="no",
        exception_traceback="Traceback …",
    )
    [log] = listed(api)["logs"]
    assert "exception_traceback" not in log
    assert {name: log[name] for name in LISTED} == {
        "id": str(made),
        "timestamp": NOW.isoformat(),
        "level": "ERROR",
        "logger_name": "app.db",
        "message": "failed",
        "trace_id": "ab" * 16,
        "span_id": "cd" * 8,
        "user_email": "ann@example.com",
        "department": "sales",
        "session_id": "s1",
        "endpoint": "/chat",
        "extra": {"attempt": 2, "of": [1, None]},
        "exception_type": "ValueError",
        "exception_message": "no",
    }


def test_pages_run_from_the_newest(api: httpx.Client, database: str) -> None:
    for number in range(5):
        add_log(database, f"m{number}", timedelta(minutes=number))
    body = listed(api, limit=2, offset=1)
    assert messages(body) == ["m1", "m2"]
    assert (body["limit"], body["offset"]) == (2, 1)
    assert messages(listed(api, offset=5)) == []


def test_the_default_page_holds_a_hundred_and_the_largest_a_thousand(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.structured_logs (level, logger_name, message) "
        "SELECT 'INFO', 'app', 'm' FROM generate_series(1, 1001)",
    )
    assert len(listed(api)["logs"]) == 100
    first, second = listed(api, limit=1000)["logs"], listed(api, limit=1000, offset=1000)["logs"]
    assert len({log["id"] for log in first + second}) == 1001


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"level": "ERROR"}, ["b"]),
        ({"level": "error"}, []),
        ({"level": "VERBOSE"}, []),
        ({"logger_name": "app"}, ["a", "b", "c", "d"]),
        ({"logger_name": "p.d"}, ["b"]),
        ({"logger_name": "App"}, []),
        ({"logger_name": "%"}, ["c"]),
        ({"logger_name": "_"}, ["d"]),
        ({"logger_name": "a%b"}, []),
        ({"logger_name": "\\"}, []),
        ({"trace_id": "ab" * 16}, ["b"]),
        ({"trace_id": "ab"}, []),
        ({"trace_id": "AB" * 16}, []),
        ({"user_email": "ann@example.com"}, ["c"]),
        ({"user_email": "ann"}, []),
        ({"user_email": "ANN@example.com"}, []),
        ({"limit": 1}, ["a"]),
        ({"level": "INFO", "logger_name": "app", "user_email": "ann@example.com"}, ["c"]),
        (
            {
                "level": "",
                "logger_name": "",
                "trace_id": "",
                "user_email": "",
                "search": "",
                "q": "",
                "pattern": "",
                "from": "",
                "to": "",
                "cursor": "",
                "hours": "",
                "limit": "",
                "offset": "",
            },
            ["a", "b", "c", "d"],
        ),
    ],
)
def test_every_filter_narrows_the_list(
    api: httpx.Client, database: str, parameters: dict[str, object], expected: list[str]
) -> None:
    minute = timedelta(minutes=1)
    add_log(database, "a", minute, logger_name="app")
    add_log(database, "b", 2 * minute, logger_name="app.db", level="ERROR", trace_id="ab" * 16)
    add_log(database, "c", 3 * minute, logger_name="100% app", user_email="ann@example.com")
    add_log(database, "d", 4 * minute, logger_name="my_app")
    assert messages(listed(api, **parameters)) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("connection", ["Connections refused by the pool"]),
        ("refuse pool", ["Connections refused by the pool"]),
        ("pool timeout", []),
        ("refused & !pool", ["Connections refused by the pool"]),
        ("timing out", ["the request timed out"]),
        ("the", []),
        ("'; DROP TABLE x; --", []),
    ],
)
def test_search_finds_english_words_in_any_form(
    api: httpx.Client, database: str, search: str, expected: list[str]
) -> None:
    add_log(database, "Connections refused by the pool")
    add_log(database, "the request timed out", timedelta(minutes=1))
    assert messages(listed(api, search=search)) == expected


def test_search_reads_messages_of_any_length(api: httpx.Client, database: str) -> None:
    add_log(database, "needle " + "x y z " * 300_000)
    assert len(listed(api, search="needle")["logs"]) == 1


def test_hours_count_back_from_now(api: httpx.Client, database: str) -> None:
    since_collected = datetime.now(UTC) - NOW
    for hours in (0.9, 1.1, 23.9, 24.1, 167.9, 168.1):
        add_log(database, f"{hours}", timedelta(hours=hours) - since_collected)
    assert messages(listed(api, hours=1)) == ["0.9"]
    assert messages(listed(api)) == ["0.9", "1.1", "23.9"]
    assert messages(listed(api, hours=168)) == ["0.9", "1.1", "23.9", "24.1", "167.9"]


@pytest.mark.parametrize(
    "query",
    [
        *("limit=0", "limit=1001", "limit=many", "offset=-1", "offset=99999999999999999999", "offset=x"),
        *("hours=0", "hours=169", "hours=1.5", "hours=x"),
        *("search=%00", "logger_name=a%00", "level=%00", "trace_id=%00", "user_email=%00", "pattern=%00"),
    ],
)
def test_a_parameter_out_of_bounds_is_422(api: httpx.Client, query: str) -> None:
    answer = api.get(f"{LOGS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", query.partition("=")[0]]


def test_a_log_ahead_of_its_time_is_listed_first(api: httpx.Client, database: str) -> None:
    add_log(database, "now")
    add_log(database, "next year", -timedelta(days=365))
    assert messages(listed(api)) == ["next year", "now"]


@pytest.mark.parametrize("moment", ["12026-01-01Z", "infinity"])
def test_times_that_python_cannot_hold_are_read_all_the_same(api: httpx.Client, database: str, moment: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
        f"VALUES ('{moment}', 'INFO', 'app', 'odd')",
    )
    answer = api.get(LOGS)
    assert (answer.status_code, messages(answer.json())) == (200, ["odd"])


@pytest.mark.parametrize(
    ("log_id", "timestamp"),
    [
        pytest.param(time_ordered(NOW, 1), NOW, id="time-ordered, of its own time"),
        pytest.param(time_ordered(NOW, 2), NOW - timedelta(days=3), id="time-ordered, of another time"),
        pytest.param(uuid4(), NOW - timedelta(days=9), id="random"),
        pytest.param(uuid4(), EPOCH, id="of 1970"),
        pytest.param(uuid4(), NOW + timedelta(days=365), id="a year ahead"),
        pytest.param(UUID(int=0), NOW, id="nil"),
        pytest.param(UUID(int=2**128 - 1), NOW, id="all ones"),
        pytest.param(UUID(int=(2**48 - 1) << 80 | 7 << 76 | 2 << 62), NOW, id="version 7 beyond any date"),
    ],
)
def test_a_row_by_plain_sql_is_found_by_its_id_whatever_it_is(
    api: httpx.Client, database: str, log_id: UUID, timestamp: datetime
) -> None:
    add_log(database, "wanted", id=log_id, timestamp=timestamp)
    add_log(database, "another", timestamp=timestamp)
    answer = api.get(f"{LOGS}/{log_id}")
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["message"]) == (str(log_id), "wanted")
    assert datetime.fromisoformat(answer.json()["timestamp"]) == timestamp


def test_a_log_by_id_comes_with_all_that_is_known_of_it(api: httpx.Client, database: str) -> None:
    sql(
        database,
        "INSERT INTO enterprise.resources (id, service_name, attributes) VALUES (7, 'shop', '{\"host.name\": \"a1\"}')",
    )
    sql(
        database,
        "INSERT INTO enterprise.scopes (id, name, version, attributes) VALUES (9, 'my.scope', '1.2', '{}')",
    )
    made = add_log(
        database,
        "failed",
        exception_traceback="Traceback …",
        body='{"k": [true]}',
        severity_number=17,
        severity_text="Error",
        timestamp_nanos=7,
        resource_id=7,
        scope_id=9,
    )
    answer = api.get(f"{LOGS}/{made}")
    LogDetail.model_validate_json(answer.text)
    log = answer.json()
    assert log.keys() >= LISTED | {"exception_traceback"}
    assert (log["exception_traceback"], log["body"]) == ("Traceback …", {"k": [True]})
    assert (log["severity_number"], log["severity_text"], log["timestamp_nanos"]) == (17, "Error", 7)
    assert log["resource_attributes"] == {"host.name": "a1"}
    assert (log["scope_name"], log["scope_version"]) == ("my.scope", "1.2")


def test_an_unknown_log_is_404_and_a_malformed_id_422(api: httpx.Client) -> None:
    answer = api.get(f"{LOGS}/{uuid4()}")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Log not found"})
    for malformed in ("nope", "123", f"{uuid4()}0"):
        assert api.get(f"{LOGS}/{malformed}").status_code == 422
