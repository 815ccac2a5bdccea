"""GET /logs?q=…: the same rows as SQL written by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from query_api.models import LogList
from tests.conftest import copied
from tests.searchable import add_logs, add_origins
from tests.served_api import served_api, sql

LOGS = "/api/observability/logs"
NOW = datetime.now(UTC)
WORDS = "to_tsvector('english', message)"


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    for dsn in copied(postgres_dsn, template_database):
        add_origins(dsn)
        add_logs(dsn, NOW)
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def listed(api: httpx.Client, **parameters: object) -> list[dict[str, Any]]:
    answer = api.get(LOGS, params={"limit": "1000"} | {name: str(value) for name, value in parameters.items()})
    assert answer.status_code == 200, answer.text
    LogList.model_validate_json(answer.text)
    logs: list[dict[str, Any]] = answer.json()["logs"]
    return logs


def by_hand(database: str, where: str) -> list[str]:
    statement = (
        "SELECT log.id::text FROM enterprise.structured_logs AS log "
        "LEFT JOIN enterprise.resources AS r ON r.id = resource_id LEFT JOIN enterprise.scopes AS s ON s.id = scope_id "
        f"WHERE {where} ORDER BY timestamp DESC"
    )
    return [row[0] for row in sql(database, statement)]


@pytest.mark.parametrize(
    ("q", "where"),
    [
        ("", "true"),
        ("  ", "true"),
        ("*", "true"),
        ("connection", f"{WORDS} @@ 'connect'"),
        ("CONNECTIONS Reset", f"{WORDS} @@ 'connect & reset'"),
        ('"connection reset"', f"{WORDS} @@ phraseto_tsquery('english', 'connection reset')"),
        ('"reset connection"', "message LIKE '%reset, connection by%'"),
        ('connection -"connection reset"', f"{WORDS} @@ 'connect & !(connect <-> reset)'"),
        ("reset OR timed", f"{WORDS} @@ 'reset | time'"),
        ("-connection", f"NOT {WORDS} @@ 'connect'"),
        ("the connection", f"{WORDS} @@ 'connect'"),
        ("the OR connection", f"{WORDS} @@ 'connect'"),
        ("connection -the", f"{WORDS} @@ 'connect'"),
        ("the", "false"),
        ('"to be or not to be"', "false"),
        ("connection & !reset", f"{WORDS} @@ 'connect & reset'"),
        ("Straße", "message LIKE 'Straße%'"),
        ("データベース", "message LIKE 'データベース%'"),
        ("data*接続", "false"),
        ("デー*エラ?", "message LIKE 'データベース%'"),
        ("übergrö*", "message ILIKE '%ÜBERGRÖ%'"),
        ("connect*peer", "message = 'Connection reset by peer'"),
        (r"100% a_b\\c", "message LIKE '100\\% of%'"),
        ("1?0%*", "message LIKE '100\\% of%'"),
        ("_%*zz", "false"),
        ("message:reset level:ERROR", f"{WORDS} @@ 'reset' AND level = 'ERROR'"),
        ("level:error", "level = 'ERROR'"),
        ("level:>=warn", "level IN ('WARNING', 'ERROR', 'CRITICAL')"),
        ("level:(info OR debug)", "level IN ('INFO', 'DEBUG')"),
        ("service:checkout", "log.service_name = 'checkout'"),
        ("service.name:checkout", "log.service_name = 'checkout'"),
        ("-service:checkout", "log.service_name IS DISTINCT FROM 'checkout'"),
        ("service:Checkout", "false"),
        ("_exists_:service", "log.service_name IS NOT NULL"),
        ("-service:*", "log.service_name IS NULL"),
        ("-logger_name:health*", "logger_name NOT LIKE 'health%'"),
        ('logger:"100% app"', "logger_name = '100% app'"),
        ("logger:100%*", "logger_name LIKE '100\\%%'"),
        ("logger:%", "false"),
        ("logger:%*", "false"),
        ("logger:my_app*", "logger_name = 'my_app'"),
        ("logger:m?_app", "logger_name = 'my_app'"),
        ("logger:app", "logger_name = 'app'"),
        ("user_email:*@acme.com", "user_email LIKE '%@acme.com'"),
        ("user_email:ANN@acme.com", "user_email = 'ANN@acme.com'"),
        ("session_id:s? -user_email:*", "session_id IS NOT NULL AND user_email IS NULL"),
        ("endpoint:/chat/{id}", "endpoint = '/chat/{id}'"),
        ("http.route:/chat/{id}", "endpoint = '/chat/{id}'"),
        ("exception.type:ValueError", "exception_type = 'ValueError'"),
        ("severity_number:[9 TO 12]", "severity_number BETWEEN 9 AND 12"),
        ("severity_number:{9 TO 12.5}", "severity_number > 9 AND severity_number < 12.5"),
        ("severity_number:>1e1", "severity_number > 10"),
        ("http.response.status_code:500", "extra ->> 'http.response.status_code' = '500'"),
        ("http.response.status_code:>=404", "extra ->> 'http.response.status_code' IN ('500', '404')"),
        ("http.response.status_code:(>404 <=500)", "extra ->> 'http.response.status_code' = '500'"),
        ("http.response.status_code:5*", "extra ->> 'http.response.status_code' = '500'"),
        ("http.response.status_code:n/a", "extra ->> 'http.response.status_code' = 'n/a'"),
        ("-http.response.status_code:*", "NOT extra ? 'http.response.status_code'"),
        ("big:12345678901234567890", "extra ? 'big'"),
        ("big:12345678901234567891", "false"),
        ("ratio:<0.6 ratio:0.50", "extra ? 'ratio'"),
        ("flag:true", "extra ->> 'flag' = 'true'"),
        ("flag:FALSE", "extra ->> 'flag' = 'false'"),
        ("nothing:*", "extra ? 'nothing'"),
        (r"text:a\*b", "extra ->> 'text' = 'a*b'"),
        ("text:a*b", "extra ->> 'text' IN ('a*b', 'a%b', 'axb')"),
        ("text:a%b", "extra ->> 'text' = 'a%b'"),
        ("text:a?b -text:axb", "extra ->> 'text' IN ('a*b', 'a%b')"),
        ("list:green", "extra -> 'list' ? 'green'"),
        ("list:gr*", "extra -> 'list' ? 'green'"),
        ("list:>6", "extra -> 'list' ? 'green'"),
        ("list:7", "extra -> 'list' ? 'green'"),
        ('odd\\ \\"key\\":x', "false"),
        ('odd\\ \\"key\\"\\:\\ x:v', "extra ? 'odd \"key\": x'"),
        ("k8s.pod.name:pod-1", "r.attributes ->> 'k8s.pod.name' = 'pod-1'"),
        ("-k8s.pod.name:pod-1", "r.attributes ->> 'k8s.pod.name' IS DISTINCT FROM 'pod-1'"),
        ("k8s.pod.name:pod*", "r.id IS NOT NULL"),
        ("k8s.pod.name:pod_*", "r.id = 3"),
        ("resource.replicas:>=3", "r.id = 2"),
        ("attributes.replicas:>=3", "false"),
        ("replicas:>=3", "r.id = 2"),
        ("team:green", "s.attributes ->> 'team' = 'green'"),
        ("team:(green OR blue)", "s.attributes ->> 'team' = 'green' OR extra ->> 'team' = 'blue'"),
        ("scope.team:*", "s.id = 1"),
        ("scope.name:my.*", "s.name = 'my.scope'"),
        ("scope.version:1.2.3", "s.version = '1.2.3'"),
        ("resource.k8s.pod.name:pod-2 scope.name:other", "r.id = 2 AND s.id = 2"),
        ("no.such.key:x", "false"),
        ("-no.such.key:x", "true"),
        (
            "level:error (connection OR timed) -user_email:*acme*",
            f"level = 'ERROR' AND {WORDS} @@ 'connect | time' AND (user_email IS NULL OR user_email NOT LIKE '%acme%')",
        ),
        (
            "NOT (level:error OR level:info) AND NOT connection",
            f"level NOT IN ('ERROR', 'INFO') AND NOT {WORDS} @@ 'connect'",
        ),
        ("'; DROP TABLE enterprise.traces;", "message LIKE '%DROP TABLE%'"),
    ],
)
def test_a_search_finds_what_sql_by_hand_finds(api: httpx.Client, database: str, q: str, where: str) -> None:
    assert [log["id"] for log in listed(api, q=q)] == by_hand(database, where)


def test_a_trace_id_is_found_in_any_case(api: httpx.Client, database: str) -> None:
    trace = sql(database, "SELECT trace_id FROM enterprise.structured_logs WHERE trace_id IS NOT NULL LIMIT 1")[0][0]
    found = listed(api, q=f"trace_id:{trace.upper()}")
    assert [log["id"] for log in found] == by_hand(database, f"trace_id = '{trace}'")


def test_a_search_narrows_what_the_other_parameters_leave(api: httpx.Client, database: str) -> None:
    found = listed(api, q="service:cart", level="ERROR", logger_name="app", search="reset", user_email="ann@acme.com")
    where = (
        "log.service_name = 'cart' AND level = 'ERROR' AND strpos(logger_name, 'app') > 0 "
        f"AND {WORDS} @@ 'reset' AND user_email = 'ann@acme.com'"
    )
    assert [log["id"] for log in found] == by_hand(database, where)


def test_times_are_compared_from_now_or_as_given(api: httpx.Client, database: str) -> None:
    middle = sql(database, "SELECT timestamp, id::text FROM enterprise.structured_logs ORDER BY 1 DESC OFFSET 100")[0]
    moment = middle[0].isoformat()
    assert len(listed(api, q=f"timestamp:>={moment}")) == 101
    assert len(listed(api, q=f"timestamp:>{moment} timestamp:<now+1h")) == 100
    assert [log["id"] for log in listed(api, q=f"timestamp:{moment}")] == [middle[1]]
    assert listed(api, q="timestamp:<now-1h") == []


@pytest.mark.parametrize(
    ("q", "position", "expected"),
    [
        ("level:(error", 12, ")"),
        ("a AND", 5, "a word"),
        ('a "b', 2, '"'),
        ("severity_number:>abc", 16, "a number"),
        ("x level:loud", 8, "warning"),
        ("a:" + "?" * 9, 2, None),
        ("a " * 65, 128, "the end"),
    ],
)
def test_a_mistake_is_422_with_its_position_and_what_was_expected(
    api: httpx.Client, q: str, position: int, expected: str | None
) -> None:
    answer = api.get(LOGS, params={"q": q})
    assert answer.status_code == 422
    [mistake] = answer.json()["detail"]
    assert (mistake["loc"], mistake["input"], mistake["ctx"]["position"]) == (["query", "q"], q, position)
    assert mistake["msg"]
    assert expected is None or expected in mistake["ctx"]["expected"]


@pytest.mark.parametrize("q", ["a\0b", "a" * 4097, "x:\0"])
def test_a_search_that_no_text_can_hold_is_422(api: httpx.Client, q: str) -> None:
    answer = api.get(LOGS, params={"q": q})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", "q"]


HOSTILE = [
    "' OR '1'='1",
    "'; DROP TABLE enterprise.structured_logs; --",
    "$1",
    "$1::text; SELECT pg_sleep(9)",
    '" ? (@ == 1) || true',
    "{matches}",
    "%s {0} %(a)s",
    "\\'; SELECT 1 --",
    "'||pg_sleep(9)||'",
    "')) UNION SELECT * FROM enterprise.traces --",
    '$."a" ? (1 == 1)',
]
PLACES = [
    "{}",
    '"{}"',
    "level:{}",
    "logger:{}",
    'logger:"{}"',
    "logger:*{}*",
    "{}:x",
    '{}:"{}"',
    "attributes.{}:*{}",
    "resource.{}:{}",
    "resource.{}:>5",
    "scope.name:{}",
    "scope.{}:*",
    "_exists_:{}",
    "x:>{}",
    "x:[{} TO {}]",
    "-{}",
    "timestamp:>{}",
    "id:{}",
    "({} OR {})",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_part_of_a_search_reaches_sql(api: httpx.Client, database: str, hostile: str) -> None:
    """Each either means what it says, and then matches next to nothing, or is refused; nothing changes."""
    escaped = "".join(f"\\{character}" for character in hostile)
    quoted = hostile.replace("\\", "\\\\").replace('"', '\\"')
    everything = len(listed(api))
    for place in PLACES:
        value = quoted if '"{}"' in place and place.count("{}") == 1 else escaped
        answer = api.get(LOGS, params={"q": place.format(*[value] * place.count("{}")), "limit": "1000"})
        assert answer.status_code in (200, 422), (place, answer.text)
        negated = place.startswith("-")
        if answer.status_code == 200 and not negated:
            assert len(answer.json()["logs"]) <= everything // 11 + 1, place
    assert len(listed(api)) == everything


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "parameter",
    [
        "q",
        "from",
        "to",
        "cursor",
        "level",
        "logger_name",
        "trace_id",
        "user_email",
        "search",
        "hours",
        "limit",
        "offset",
    ],
)
def test_no_parameter_reaches_sql(api: httpx.Client, parameter: str, hostile: str) -> None:
    answer = api.get(LOGS, params={parameter: hostile})
    assert answer.status_code in (200, 422)
    assert len(listed(api)) == 330
