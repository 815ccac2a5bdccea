"""GET /logs/patterns: kinds of messages, their counts, and searches by them."""

import asyncio
import csv
import io
import json
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from query_api import log_patterns
from query_api.log_patterns import Reading, worked_out
from query_api.pattern_models import LogPatterns
from query_api.patterns.estimating import Sample
from tests.conftest import copied
from tests.searchable import add_logs, add_origins
from tests.served_api import served_api, sql

LOGS = "/api/observability/logs"
PATTERNS = f"{LOGS}/patterns"
NOW = datetime.now(UTC).replace(microsecond=0)
COUNT = 330
ODD = [
    "",
    "  \n",
    "  indented 5",
    'Traceback (most recent call last):\n  File "a.py", line 7\nValueError: no',
    "Traceback (most recent call last):\n  File \"b.py\", line 9\nKeyError: 'x'",
    "long " * 3000,
    "z" * 150_000,
    "with <*> and <...> of its own",
    "データ 12 を 保存",
    "データ 13 を 保存",
    "begin <b user 5 left> end",
    "tab\tand  spaces 1",
    "tab and spaces 2",
]


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_logs(dsn, NOW, COUNT)
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
            "SELECT $1::timestamptz - interval '2 hours', 'INFO', 'odd', message FROM unnest($2::text[]) AS message",
            NOW,
            ODD,
        )
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def asked(api: httpx.Client, **parameters: object) -> dict[str, Any]:
    answer = api.get(PATTERNS, params={"limit": "200"} | {name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LogPatterns.model_validate_json(answer.text)
    body: dict[str, Any] = answer.json()
    return body


def listed(api: httpx.Client, **parameters: object) -> list[dict[str, Any]]:
    answer = api.get(LOGS, params={"limit": "1000"} | {name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    logs: list[dict[str, Any]] = answer.json()["logs"]
    return logs


def test_a_pattern_tells_how_many_from_where_and_when(api: httpx.Client) -> None:
    body = asked(api)
    of_all = listed(api)
    assert (body["rows_matching"], body["rows_read"], body["sampled"]) == (len(of_all), len(of_all), False)
    assert (body["rows_left_out"], body["total"], body["limit"]) == (0, len(body["patterns"]), 200)
    assert sum(pattern["count"] for pattern in body["patterns"]) == len(of_all)
    [pattern] = [each for each in body["patterns"] if each["template"] == "GET /chat?x=<*> <*>"]
    logs = [log for log in of_all if log["message"] == "GET /chat?x=1 500"]
    assert (pattern["count"], pattern["count_low"], pattern["count_high"]) == (30, 30, 30)
    assert pattern["share"] == round(30 / len(of_all), 6)
    assert pattern["levels"] == Counter(log["level"] for log in logs)
    services = Counter(log["service_name"] for log in logs if log["service_name"])
    assert Counter(pattern["services"]) == Counter(services.keys())
    assert (pattern["first_seen"], pattern["last_seen"]) == (logs[-1]["timestamp"], logs[0]["timestamp"])
    [example] = pattern["examples"]
    assert example == {name: logs[0][name] for name in ("id", "timestamp", "level", "service_name", "message")}


def test_the_most_frequent_come_first_and_no_more_than_wanted(api: httpx.Client) -> None:
    all_ = asked(api)["patterns"]
    assert [pattern["count"] for pattern in all_] == sorted((pattern["count"] for pattern in all_), reverse=True)
    two = asked(api, limit=2)
    assert (two["patterns"], two["limit"], two["total"]) == (all_[:2], 2, len(all_))


def test_examples_differ_in_their_text(api: httpx.Client) -> None:
    [pattern] = asked(api, q="logger:odd データ*")["patterns"]
    assert pattern["template"] == "データ <*> を 保存"
    assert {example["message"] for example in pattern["examples"]} == {"データ 12 を 保存", "データ 13 を 保存"}


def test_an_example_shows_the_beginning_of_a_long_message(api: httpx.Client) -> None:
    [pattern] = asked(api, q="zzzz*")["patterns"]
    assert pattern["examples"][0]["message"] == "z" * 1000
    assert pattern["template"] == "z" * 1000 + "<...>"


def test_counts_over_time_are_those_of_equal_steps(api: httpx.Client) -> None:
    times = {"from": (NOW - timedelta(seconds=299)).isoformat(), "to": (NOW + timedelta(seconds=1)).isoformat()}
    body = asked(api, **times)
    assert (body["from"], body["to"]) == tuple(times.values())
    sums = [sum(step) for step in zip(*(pattern["over_time"] for pattern in body["patterns"]), strict=True)]
    assert sums == [10] * 30


def test_a_log_ahead_of_its_time_counts_in_the_last_step(api: httpx.Client, database: str) -> None:
    for moment in ("12026-01-01Z", "infinity"):
        [[made]] = sql(
            database,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
            f"VALUES ('{moment}', 'INFO', 'ahead', 'ahead of its time') RETURNING id",
        )
        answer = api.get(PATTERNS, params={"q": "logger:ahead"})
        sql(database, "DELETE FROM enterprise.structured_logs WHERE id = $1", made)
        [pattern] = answer.json()["patterns"]
        assert pattern["over_time"] == [0] * 29 + [1]


@pytest.mark.parametrize(
    "parameters",
    [
        {"level": "ERROR"},
        {"level": "no such level"},
        {"logger_name": "app"},
        {"trace_id": "c4ca4238a0b923820dcc509a6f75849b"},
        {"user_email": "ann@acme.com"},
        {"search": "connection reset"},
        {"hours": 1},
        {"from": "-10m", "to": "-5m"},
        {"q": "service:checkout -level:info"},
        {"pattern": "The request timed out after <*> ms"},
        {"level": "", "logger_name": "", "trace_id": "", "user_email": "", "search": "", "q": "", "pattern": ""},
    ],
    ids=str,
)
def test_patterns_are_those_of_the_rows_of_the_list(api: httpx.Client, parameters: dict[str, object]) -> None:
    body = asked(api, **parameters)
    logs = listed(api, **parameters)
    assert body["rows_matching"] == body["rows_read"] == len(logs)
    assert sum(pattern["count"] for pattern in body["patterns"]) == len(logs)
    texts = {log["message"][:1000] for log in logs}
    assert {example["message"] for pattern in body["patterns"] for example in pattern["examples"]} <= texts


def test_a_pattern_finds_the_logs_it_was_found_in(api: httpx.Client) -> None:
    """Everywhere: in the list, as a parameter and in a search, in the export, and in counts."""
    for pattern in asked(api)["patterns"]:
        template = pattern["template"]
        quoted = template.replace("\\", "\\\\").replace('"', '\\"')
        by_search = {"q": f'pattern:"{quoted}"'}
        parameters = {"pattern": template} if template else by_search
        logs = listed(api, **parameters)
        assert len(logs) >= pattern["count"]
        assert {example["id"] for example in pattern["examples"]} <= {log["id"] for log in logs}
        assert listed(api, **by_search) == logs
        exported = api.get(f"{LOGS}/export", params=parameters).text
        assert [json.loads(line) for line in exported.splitlines()] == logs
        levels = api.get(f"{LOGS}/stats/levels", params=parameters).json()["levels"]
        assert levels == Counter(log["level"] for log in logs)
        histogram = api.get(f"{LOGS}/stats/histogram", params=parameters | {"to": "+1m"}).json()["buckets"]
        assert sum((Counter(step["levels"]) for step in histogram), Counter()) == levels


def test_what_other_templates_describe_is_not_found(api: httpx.Client) -> None:
    described = {log["message"] for log in listed(api, pattern="tab and spaces <*>")}
    assert described == {"tab\tand  spaces 1", "tab and spaces 2"}
    assert listed(api, pattern="tab and") == []
    assert {log["message"] for log in listed(api, q='pattern:"" logger:odd')} == {"", "  \n"}
    assert len(listed(api, q='-pattern:"<...>"')) == 0
    assert len(listed(api, q='-pattern:"GET <*> <*>" GET*')) == 0


def test_a_pattern_narrows_a_csv_file_too(api: httpx.Client) -> None:
    answer = api.get(f"{LOGS}/export", params={"pattern": "データ <*> を 保存", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert {row["message"] for row in rows} == {"データ 12 を 保存", "データ 13 を 保存"}


@pytest.mark.parametrize(
    "hostile",
    [
        "'; DROP TABLE enterprise.structured_logs; --",
        "' OR '1'='1",
        "%",
        "_",
        ".*",
        "^.*$",
        "(?i)get",
        "***=GET",
        "\\",
        "$1",
        "{matches}",
        "<*",
        "[[:alpha:]]+",
        "(((((",
        '" OR level:*',
    ],
)
def test_a_hostile_pattern_is_a_text_like_any_other(api: httpx.Client, database: str, hostile: str) -> None:
    quoted = hostile.replace("\\", "\\\\").replace('"', '\\"')
    expected = [log["id"] for log in listed(api) if log["message"].split() == hostile.split()]
    for parameters in ({"pattern": hostile}, {"q": f'pattern:"{quoted}"'}):
        assert [log["id"] for log in listed(api, **parameters)] == expected
        assert asked(api, **parameters)["rows_matching"] == len(expected)
    assert sql(database, "SELECT count(*) FROM enterprise.structured_logs")[0][0] == COUNT + len(ODD)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("hours=169", "hours"),
        ("pattern=a%00", "pattern"),
        (f"pattern={'x' * 4097}", "pattern"),
        ("q=a+AND", "q"),
        ("from=yesterday", "from"),
    ],
)
def test_a_bad_parameter_is_422(api: httpx.Client, query: str, name: str) -> None:
    answer = api.get(f"{PATTERNS}?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]


def test_order_is_nothing_a_pattern_has(api: httpx.Client) -> None:
    answer = api.get(LOGS, params={"q": "pattern:>a"})
    assert answer.json()["detail"][0]["ctx"]["expected"] == ["a template in quotation marks"]


@pytest.fixture(scope="module")
def many(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """8,000 logs of kinds whose counts differ by powers of two, with ids that are the same in every run."""
    for dsn in copied(postgres_dsn, template_database):
        sql(
            dsn,
            "INSERT INTO enterprise.structured_logs (id, timestamp, level, logger_name, message) "
            "SELECT md5(i::text)::uuid, $1::timestamptz - i * interval '1 second', "
            "CASE WHEN i % 4 = 0 THEN 'ERROR' ELSE 'INFO' END, 'app', "
            "repeat(chr(97 + floor(log(2, i))::int), 3) || ' ' || i || ' done' FROM generate_series(1, 8000) AS i",
            NOW,
        )
        yield dsn


def test_of_many_logs_a_sample_is_read_and_what_it_says_is_an_estimate(
    many: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = dict(sql(many, "SELECT left(message, 3), count(*) FROM enterprise.structured_logs GROUP BY 1"))
    monkeypatch.setattr(log_patterns, "ROWS_READ", 1000)
    window = {"from": (NOW - timedelta(days=1)).isoformat(), "to": (NOW + timedelta(days=1)).isoformat()}
    with served_api(many) as api:
        body = asked(api, **window)
        assert asked(api, **window) == body
    assert (body["rows_matching"], body["sampled"]) == (8000, True)
    assert 900 < body["rows_read"] < 1100
    outside = 0
    for pattern in body["patterns"]:
        count = true[pattern["template"][:3]]
        outside += not pattern["count_low"] <= count <= pattern["count_high"]
        assert abs(pattern["share"] - count / 8000) < 0.05
        assert abs(sum(pattern["levels"].values()) - pattern["count"]) <= 2
        assert abs(sum(pattern["over_time"]) - pattern["count"]) <= 15
    assert abs(sum(pattern["count"] for pattern in body["patterns"]) - 8000) <= 10
    assert outside <= 1
    assert body["patterns"][0]["count_low"] < body["patterns"][0]["count_high"]


def texts_without_anything_in_common(count: int) -> Reading:
    """Which take the longest."""
    letters = str.maketrans("0123456789", "ghijklmnop")
    rows = [
        {
            "message": " ".join(md5(f"{number} {place}".encode()).hexdigest().translate(letters) for place in range(8)),
            "level": "INFO",
            "service_name": None,
            "step": 1,
            "time": "null",
            "id": "1",
        }
        for number in range(count)
    ]
    return Reading(rows, Sample(count, count), NOW, NOW)


async def test_others_are_answered_meanwhile() -> None:
    working = asyncio.create_task(worked_out(texts_without_anything_in_common(5000), 1))
    turns = 0
    while not working.done():
        await asyncio.sleep(0)
        turns += 1
    assert json.loads(await working)["rows_read"] == 5000
    assert turns > 10


async def test_work_ends_when_nobody_waits_for_it() -> None:
    reading = texts_without_anything_in_common(20_000)
    began = time.process_time()
    await worked_out(reading, 1)
    whole = time.process_time() - began
    working = asyncio.create_task(worked_out(reading, 1))
    await asyncio.sleep(0)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    began = time.process_time()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert time.process_time() - began < whole / 2


async def test_work_that_takes_too_long_is_ended_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_patterns, "WORK_SECONDS", 0.0)
    with pytest.raises(log_patterns.HTTPException) as raised:
        await worked_out(texts_without_anything_in_common(10), 1)
    assert raised.value.status_code == 504


def test_who_comes_while_another_has_his_turn_waits_a_while_and_is_503(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_patterns, "_turns", asyncio.Semaphore(0))
    monkeypatch.setattr(log_patterns, "WAIT_SECONDS", 0.05)
    with served_api(database) as api:
        answer = api.get(PATTERNS)
    assert (answer.status_code, list(answer.json())) == (503, ["detail"])


def test_clients_that_leave_keep_no_turn(api: httpx.Client) -> None:
    for _ in range(5):
        with socket.create_connection((api.base_url.host, api.base_url.port or 80)) as leaving:
            leaving.sendall(f"GET {PATTERNS}?q={quote('-nothing')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert asked(api)["rows_matching"] == COUNT + len(ODD)
