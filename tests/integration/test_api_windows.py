"""The times and pages of lists: from and to beside hours, cursors beside offsets."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.conftest import copied
from tests.served_api import sql

API = "/api/observability"
NOW = datetime.now(UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(dsn: str, name: str, moment: datetime) -> None:
    """A log and a trace of this time."""
    sql(
        dsn,
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) VALUES ($1, 'INFO', 'a', $2)",
        moment,
        name,
    )
    sql(
        dsn,
        "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) VALUES ($1, 'http', $2)",
        name,
        moment,
    )


def pages(api: httpx.Client, path: str, **parameters: object) -> Iterator[list[dict[str, Any]]]:
    """Every page from the cursor of the one before."""
    cursor = ""
    while cursor is not None:
        answer = api.get(
            f"{API}/{path}", params={"cursor": cursor} | {key: str(value) for key, value in parameters.items()}
        )
        assert answer.status_code == 200, answer.text
        yield answer.json()[path]
        cursor = answer.json()["next_cursor"]


def names(api: httpx.Client, path: str, **parameters: object) -> list[str]:
    key = "message" if path == "logs" else "trace_id"
    return [item[key] for page in pages(api, path, **parameters) for item in page]


@pytest.mark.parametrize("path", ["logs", "traces"])
@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"from": "now-180m"}, ["ahead", "1m", "80m"]),
        ({"from": "-180m"}, ["ahead", "1m", "80m"]),
        ({"from": "-180m", "hours": "168"}, ["ahead", "1m", "80m"]),
        ({"from": "-180m", "to": "now"}, ["1m", "80m"]),
        ({"to": "now"}, ["1m", "80m", "20h"]),
        ({"to": "-1h", "hours": "1"}, ["80m"]),
        ({"to": "-10h"}, ["20h", "30h"]),
        ({"from": "-2w", "to": "-1d"}, ["30h", "9d"]),
        ({"from": (NOW - 80 * MINUTE).isoformat(), "to": (NOW - MINUTE).isoformat()}, ["80m"]),
        ({"from": f"{NOW - 80 * MINUTE:%Y-%m-%dT%H:%M:%S.%fZ}"}, ["ahead", "1m", "80m"]),
        ({"from": f"{NOW - 81 * MINUTE:%Y-%m-%d %H:%M}"}, ["ahead", "1m", "80m"]),
        ({"from": "0001-01-01"}, ["ahead", "1m", "80m", "20h", "30h", "9d"]),
        ({"from": "now+1h"}, ["ahead"]),
    ],
)
def test_from_and_to_bound_a_list(
    api: httpx.Client, database: str, path: str, parameters: dict[str, str], expected: list[str]
) -> None:
    ages = {"ahead": -120 * MINUTE, "1m": MINUTE, "80m": 80 * MINUTE, "20h": 1200 * MINUTE, "30h": 1800 * MINUTE}
    for name, age in (ages | {"9d": timedelta(days=9)}).items():
        add(database, name, NOW - age)
    assert names(api, path, **parameters) == expected


@pytest.mark.parametrize("path", ["logs", "traces"])
@pytest.mark.parametrize(
    ("parameters", "wrong"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "now-15"}, "from"),
        ({"from": "-15y"}, "from"),
        ({"from": "-999999999w"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"to": "0001-01-01T00:00:00+14:00"}, "to"),
        ({"to": "0001-01-01"}, "to"),
        ({"from": "now", "to": "now"}, "to"),
        ({"from": "now", "to": "-1h"}, "to"),
        ({"from": "\0"}, "from"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "ü"}, "cursor"),
        ({"cursor": "A"}, "cursor"),
    ],
)
def test_what_is_no_time_or_cursor_is_422(api: httpx.Client, path: str, parameters: dict[str, str], wrong: str) -> None:
    answer = api.get(f"{API}/{path}", params=parameters)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", wrong]
    assert answer.json()["detail"][0]["msg"]


@pytest.mark.parametrize(
    "raw",
    [
        "|",
        "2026-11-23 09:30:00+00",
        "2026-11-23 09:30:00+00|x",
        "2026-02-30 09:30:00+00|00000000-0000-0000-0000-000000000000",
        "2026-11-23 25:30:00+00|00000000-0000-0000-0000-000000000000",
        "300000-11-23 09:30:00+00|00000000-0000-0000-0000-000000000000",
        "5000-11-23 09:30:00+00 BC|00000000-0000-0000-0000-000000000000",
        "now|00000000-0000-0000-0000-000000000000",
        "infinity'|00000000-0000-0000-0000-000000000000",
        "infinity|00000000-0000-0000-0000-000000000000'",
        "infinity|{00000000-0000-0000-0000-000000000000}",
    ],
)
def test_a_cursor_of_no_answer_is_422(api: httpx.Client, raw: str) -> None:
    answer = api.get(f"{API}/logs", params={"cursor": urlsafe_b64encode(raw.encode()).decode()})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["query", "cursor"])


@pytest.mark.parametrize("path", ["logs", "traces"])
@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_cursors_lead_through_rows_of_one_moment(api: httpx.Client, database: str, path: str, limit: int) -> None:
    for number in range(6):
        add(database, f"n{number}", NOW - (number // 3) * MINUTE)
    found = names(api, path, limit=limit)
    assert sorted(found[:3]) + sorted(found[3:]) == [f"n{number}" for number in range(6)]


@pytest.mark.parametrize("path", ["logs", "traces"])
def test_rows_that_come_meanwhile_neither_hide_nor_repeat_others(api: httpx.Client, database: str, path: str) -> None:
    for number in range(6):
        add(database, f"n{number}", NOW - number * MINUTE)
    found: list[str] = []
    key = "message" if path == "logs" else "trace_id"
    for number, page in enumerate(pages(api, path, limit=2)):
        found += [item[key] for item in page]
        add(database, f"new {number}", NOW + MINUTE)
    assert found == [f"n{number}" for number in range(6)]


@pytest.mark.parametrize("path", ["logs", "traces"])
def test_cursors_pass_times_that_python_cannot_hold(api: httpx.Client, database: str, path: str) -> None:
    odd = ["infinity", "12026-01-01 01:02:03.4Z", "294276-12-31Z", "9999-12-31 23:59:59.999999Z"]
    for number, moment in enumerate([*odd, "now"]):
        sql(
            database,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
            f"VALUES ('{moment}', 'INFO', 'a', 'n{number}')",
        )
        sql(
            database,
            "INSERT INTO enterprise.traces (trace_id, entry_point, start_time) "
            f"VALUES ('n{number}', 'http', '{moment}')",
        )
    assert names(api, path, limit=1) == ["n0", "n2", "n1", "n3", "n4"]


def test_an_offset_counts_from_the_cursor(api: httpx.Client, database: str) -> None:
    for number in range(6):
        add(database, f"n{number}", NOW - number * MINUTE)
    cursor = api.get(f"{API}/logs", params={"limit": "2"}).json()["next_cursor"]
    page = api.get(f"{API}/logs", params={"cursor": cursor, "offset": "1", "limit": "2"}).json()
    assert [log["message"] for log in page["logs"]] == ["n3", "n4"]
