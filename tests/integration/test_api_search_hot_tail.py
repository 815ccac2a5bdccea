"""GET /logs?q=…: partitions with a search index, with one kept up live and without answer as full text itself does."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from database import queries
from database.search_indexes import SEARCH_INDEXES
from tests.conftest import copied
from tests.search_strategies import characters
from tests.searchable import MESSAGES
from tests.served_api import served_api, sql

JOBS = queries.load("database")
LOGS = "/api/observability/logs"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAY = timedelta(days=1)
# Built after the rows came, and before.
INDEXED, LIVE = TODAY - DAY, TODAY - 2 * DAY
ALL = [
    *MESSAGES,
    "Probability of DYING disks: 5%, cries and crying",
    "the probable death of a disk; it cried",
    "\u212aILLED by İSTANBUL, DIS\u212a",
    "Organization organized by organizers: organic",
    "ann.o'neil@example.com asked https://example.com/a/b.html?x=1",
    "/var/log/my_app/error.log v1.2.3-rc.1 -17 4711",
    "up-to-date x-request-id-1",
    "",
]

OTHERS = re.findall(
    r"\S+",
    "connect CONNECTING resets probably organ organize dies cry disk Disks kill istanbul killing signs İstanbul "
    "strasse übergröße der エラー 500 17 471 1.2.3 example.com my_app neil request the to ing",
)


def build_indexes(dsn: str, day: datetime) -> None:
    child = f"structured_logs_p{day:%Y%m%d}"
    for suffix, on in SEARCH_INDEXES["structured_logs"].items():
        sql(dsn, JOBS["build_index"].format(child=child, suffix=suffix, on=on))


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    """The same messages on three days. So few of them would else be read without an index or by time."""
    for dsn in copied(postgres_dsn, template_database):
        build_indexes(dsn, LIVE)
        for day in (LIVE, INDEXED, TODAY):
            sql(
                dsn,
                "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
                "SELECT $1::timestamptz + place * interval '1 second', 'INFO', 'app', message "
                "FROM unnest($2::text[]) WITH ORDINALITY AS given (message, place)",
                day,
                ALL,
            )
        build_indexes(dsn, INDEXED)
        sql(dsn, "DROP INDEX enterprise.structured_logs_timestamp_idx")
        sql(dsn, f"ALTER DATABASE {sql(dsn, 'SELECT current_database()')[0][0]} SET enable_seqscan = off")
        yield dsn


@pytest.fixture(scope="module")
def api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


def found_on(api: httpx.Client, day: datetime, **parameters: str) -> list[str]:
    window = {"from": day.isoformat(), "to": (day + DAY).isoformat(), "limit": "1000"}
    answer = api.get(LOGS, params=window | parameters)
    assert answer.status_code == 200, answer.text
    return [log["message"] for log in answer.json()["logs"]]


def found(api: httpx.Client, **parameters: str) -> list[str]:
    """What is found on each of the three days alike."""
    days = [found_on(api, day, **parameters) for day in (TODAY, INDEXED, LIVE)]
    assert days[0] == days[1] == days[2]
    return days[0]


def by_hand(database: str, where: str, *arguments: str) -> list[str]:
    statement = "SELECT message FROM enterprise.structured_logs WHERE timestamp >= $1 AND {} ORDER BY timestamp DESC"
    return [row[0] for row in sql(database, statement.format(where), TODAY, *arguments)]


def test_two_days_are_searched_by_their_index_and_the_third_has_none(database: str) -> None:
    def plan(day: datetime) -> str:
        explain = (
            "EXPLAIN SELECT FROM enterprise.structured_logs WHERE timestamp >= '{}' AND timestamp < '{}' "
            """AND message COLLATE "C" ILIKE ALL (enterprise.message_patterns('connection')) """
            "AND enterprise.message_words(message) @@ plainto_tsquery('english', 'connection')"
        )
        return "\n".join(row[0] for row in sql(database, explain.format(day, day + DAY)))

    assert "_message_search" in plan(INDEXED)
    assert "_message_search" in plan(LIVE)
    assert "_search" not in plan(TODAY)


words = st.one_of(
    st.sampled_from(sorted({word for message in ALL for word in message.split()})),
    st.sampled_from(OTHERS),
    st.text(characters, min_size=1, max_size=6),
)
texts = st.one_of(words, st.lists(words, min_size=2, max_size=3).map(" ".join))


@given(text=texts)
@settings(max_examples=80, deadline=None)
def test_words_are_found_with_and_without_an_index(database: str, api: httpx.Client, text: str) -> None:
    expected = by_hand(database, "to_tsvector('english', message) @@ plainto_tsquery('english', $2)", text)
    assert found(api, search=text) == expected


@given(text=texts)
@settings(max_examples=80, deadline=None)
def test_phrases_and_their_negation_are_found_with_and_without_an_index(
    database: str, api: httpx.Client, text: str
) -> None:
    phrase = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    matches = "to_tsvector('english', message) @@ phraseto_tsquery('english', $2)"
    expected = by_hand(database, matches, text)
    assert found(api, q=phrase) == expected
    says_something = sql(database, "SELECT numnode(phraseto_tsquery('english', $1)) > 0", text)[0][0]
    others = by_hand(database, f"NOT {matches}", text) if says_something else []
    assert found(api, q=f"-{phrase}") == others


@pytest.mark.parametrize(
    ("q", "matches"),
    [
        ("connection OR disk", "'connect | disk'"),
        ("CRYING disks -organize", "'cri & disk & !organ'"),
        ("NOT (reset OR disk OR -organ)", "'!(reset | disk | !organ)'"),
        ("probability", "'probabl'"),
        ("dies", "'die'"),
        ("killing", "'kill'"),
        ('"connection reset" OR ("dying disk" crying)', "'(connect <-> reset) | (die <-> disk) & cri'"),
    ],
)
def test_words_are_combined_alike_with_and_without_an_index(
    database: str, api: httpx.Client, q: str, matches: str
) -> None:
    expected = by_hand(database, f"to_tsvector('english', message) @@ {matches}")
    assert found(api, q=q) == expected
