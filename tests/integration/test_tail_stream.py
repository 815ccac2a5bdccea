"""WS /logs/stream: what it sends, its filters, and that every log comes once whatever the order of commits."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime

import asyncpg
import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from query_api.tail import hub
from server.settings import Settings
from tests import searchable
from tests.conftest import copied
from tests.served_api import served_api, sql
from tests.tailing import PATIENCE, STREAM, WriterByHand, add_logs, watching

CONTRACT = {"id", "timestamp", "level", "logger_name", "message", "trace_id"}


@pytest.fixture(scope="module")
def shared(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def api(shared: str) -> Iterator[httpx.Client]:
    with served_api(shared) as client:
        yield client


async def test_a_new_log_comes_as_the_contract_says_and_uncut(api: httpx.Client, shared: str) -> None:
    long = "x" * 200_000
    async with watching(api.base_url) as watcher:
        sql(
            shared,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message, trace_id) "
            "VALUES ('2026-11-23 09:30:00.123456+00', 'ERROR', 'app.db', $1, $2)",
            long,
            "ab" * 16,
        )
        message = await watcher.next()
    log = sql(shared, "SELECT id FROM enterprise.structured_logs WHERE message = $1", long)[0]
    assert message["type"] == "new_log"
    assert message["data"].keys() == CONTRACT
    assert message["data"] == {
        "id": str(log["id"]),
        "timestamp": "2026-11-23T09:30:00.123456+00:00",
        "level": "ERROR",
        "logger_name": "app.db",
        "message": long,
        "trace_id": "ab" * 16,
    }
    assert message["token"]


async def test_only_what_is_committed_after_the_acknowledgement_comes(api: httpx.Client, shared: str) -> None:
    async with WriterByHand.registered(shared) as writer:
        await writer.write("before")
        async with watching(api.base_url) as watcher:
            await writer.write("after", "and more")
            assert sorted(await watcher.messages(2)) == ["after", "and more"]


async def test_transactions_that_commit_in_another_order_than_they_began_lose_nothing(
    api: httpx.Client, shared: str
) -> None:
    async with (
        WriterByHand.registered(shared) as first,
        WriterByHand.registered(shared) as second,
        watching(api.base_url) as watcher,
    ):
        await first.begin("began first")
        await second.write("began last")
        assert await watcher.messages(1) == ["began last"]
        await second.write("in between")
        assert await watcher.messages(1) == ["in between"]
        await first.commit()
        assert await watcher.messages(1) == ["began first"]
        await second.write("end")
        assert await watcher.messages(1) == ["end"]


async def test_rows_of_plain_sql_come_once_whatever_the_order_of_their_commits(api: httpx.Client, shared: str) -> None:
    slow, quick = await asyncpg.connect(shared), await asyncpg.connect(shared)
    async with watching(api.base_url) as watcher:
        long_one = slow.transaction()
        await long_one.start()
        async with slow.transaction():
            await add_logs(slow, "in a savepoint")
        await add_logs(slow, "slow")
        for number in range(3):
            await add_logs(quick, f"quick {number}")
            assert await watcher.messages(1) == [f"quick {number}"]
        undone = slow.transaction()
        await undone.start()
        await add_logs(slow, "rolled back")
        await undone.rollback()
        await long_one.commit()
        assert sorted(await watcher.messages(2)) == ["in a savepoint", "slow"]
        await add_logs(quick, "end")
        assert await watcher.messages(1) == ["end"]
    await slow.close()
    await quick.close()


async def test_a_writer_that_goes_on_after_hours_brings_nothing_old(api: httpx.Client, shared: str) -> None:
    async with WriterByHand.registered(shared) as writer:
        await writer.write("old")
        for statement in (
            "UPDATE enterprise.writers SET batch = batch - 10800000000, written_at = now() - interval '3 hours'",
            "UPDATE enterprise.structured_logs SET batch = batch - 10800000000 WHERE writer <> 0",
        ):
            sql(shared, statement)
        async with watching(api.base_url) as watcher:
            await writer.write("new")
            assert await watcher.messages(1) == ["new"]


async def test_late_and_early_rows_come_too(api: httpx.Client, shared: str) -> None:
    async with watching(api.base_url) as watcher:
        sql(
            shared,
            "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) VALUES "
            "('1970-01-01Z', 'INFO', 'app', 'late'), ('12026-01-01Z', 'INFO', 'app', 'early'), "
            "('infinity', 'INFO', 'app', 'never')",
        )
        assert sorted(await watcher.messages(3)) == ["early", "late", "never"]


async def test_a_filter_can_be_given_changed_and_taken_away(api: httpx.Client, shared: str) -> None:
    async with WriterByHand.registered(shared) as writer, watching(api.base_url, "level:ERROR") as watcher:
        await writer.write("a", level="INFO")
        await writer.write("b", level="ERROR")
        assert await watcher.messages(1) == ["b"]
        answer = await watcher.ask("level:INFO -message:d")
        assert (answer["type"], answer["q"]) == ("filter", "level:INFO -message:d")
        await writer.write("c", level="ERROR")
        await writer.write("d", "e", level="INFO")
        assert await watcher.messages(1) == ["e"]
        assert (await watcher.ask(""))["type"] == "filter"
        await writer.write("f", level="ERROR")
        assert await watcher.messages(1) == ["f"]


@pytest.mark.parametrize(
    ("sent", "position"),
    [
        ('{"q": "level:(ERROR"}', 12),
        ('{"q": "level:VERBOSE"}', 6),
        ('{"q": "a AND timestamp:>x"}', 16),
        ('{"q": "a\\u0000"}', 1),
        ('{"q": 5}', None),
        ('{"filter": "x"}', None),
        ("ERROR", None),
        ("", None),
        (b"\xff\xfe", None),
    ],
)
async def test_a_bad_filter_is_answered_and_the_old_one_stays(
    api: httpx.Client, shared: str, sent: str | bytes, position: int | None
) -> None:
    async with WriterByHand.registered(shared) as writer, watching(api.base_url, "level:ERROR") as watcher:
        await watcher.socket.send(sent)
        answer = await watcher.next()
        assert (answer["type"], answer["position"]) == ("error", position), answer
        assert answer["detail"]
        await writer.write("no", level="INFO")
        await writer.write("yes", level="ERROR")
        assert await watcher.messages(1) == ["yes"]


@pytest.mark.parametrize("parameters", ["q=level:(", "token=nonsense", "q=%00"])
async def test_what_cannot_be_read_at_the_beginning_is_told_and_ends_it(api: httpx.Client, parameters: str) -> None:
    async with connect(f"{str(api.base_url).replace('http', 'ws')}{STREAM}?{parameters}", proxy=None) as socket:
        assert '"error"' in str(await asyncio.wait_for(socket.recv(), PATIENCE))
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), PATIENCE)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


QUERIES = [
    "",
    '"connection reset"',
    "-logger_name:health* level:>=WARNING",
    "user_email:*@acme.com",
    "http.response.status_code:>=500",
    "k8s.pod.name:pod-1 OR scope.team:green",
    "service:checkout NOT reset",
    "exception_type:* timestamp:>now-1h",
]


async def test_each_client_gets_what_the_list_gives_for_its_filter(postgres_dsn: str, template_database: str) -> None:
    for database in copied(postgres_dsn, template_database):
        searchable.add_origins(database)
        with served_api(database) as api:
            async with asyncio.TaskGroup() as tasks:
                ready = asyncio.Barrier(len(QUERIES) + 1)
                found = [tasks.create_task(_watched(api, q, ready)) for q in QUERIES]
                await ready.wait()
                searchable.add_logs(database, datetime.now(UTC))
                sql(
                    database,
                    "INSERT INTO enterprise.structured_logs (level, logger_name, message) VALUES ('INFO', 'x', 'end')",
                )
            for q, task in zip(QUERIES, found, strict=True):
                listed = api.get("/api/observability/logs", params={"q": q, "limit": 1000}).json()["logs"]
                expected = {log["id"] for log in listed if log["message"] != "end"}
                assert expected
                assert set(task.result()) == expected, q
                assert len(task.result()) == len(expected), q


async def _watched(api: httpx.Client, q: str, ready: asyncio.Barrier) -> list[str]:
    """The ids of what comes for a filter, up to a last log that all get."""
    async with watching(api.base_url, f"({q}) OR message:end" if q else "") as watcher:
        await ready.wait()
        ids = []
        while (log := (await watcher.next())["data"])["message"] != "end":
            ids.append(log["id"])
        return ids


async def test_the_connection_that_listens_may_be_cut_off(api: httpx.Client, shared: str) -> None:
    async with WriterByHand.registered(shared) as writer, watching(api.base_url) as watcher:
        await writer.write("one")
        assert await watcher.messages(1) == ["one"]
        cut = sql(
            shared,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'otelgres live tail'",
        )
        assert cut
        await writer.write("two")
        message = await watcher.next()
        if message["type"] == "error":
            assert message["detail"] == hub.AWAY
            message = await watcher.next()
        assert message["data"]["message"] == "two"


async def test_a_log_that_nobody_announced_comes_all_the_same(
    api: httpx.Client, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "SAFETY_SECONDS", 0.3)
    leaf = sql(
        shared,
        "SELECT child FROM enterprise.partitions WHERE parent = 'structured_logs' AND child ~ $1",
        f"_p{datetime.now(UTC):%Y%m%d}",
    )[0]["child"]
    async with watching(api.base_url) as watcher:
        # Only the parent has the trigger that announces.
        sql(shared, f"INSERT INTO enterprise.{leaf} (level, logger_name, message) VALUES ('INFO', 'app', 'quiet')")
        assert await watcher.messages(1) == ["quiet"]


async def test_nothing_is_asked_of_the_database_while_nobody_watches(api: httpx.Client, shared: str) -> None:
    async with watching(api.base_url):
        assert _listeners(shared) == 1
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while _listeners(shared):
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.02)


def _listeners(dsn: str) -> int:
    count: int = sql(
        dsn,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1",
        "otelgres live tail",
    )[0][0]
    return count


async def test_more_clients_than_there_are_places_are_told_to_come_later(
    api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_CLIENTS", 1)
    async with watching(api.base_url):
        async with connect(f"{str(api.base_url).replace('http', 'ws')}{STREAM}", proxy=None) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), PATIENCE)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1013, "1 clients watch already; try again later")
        refused = await asyncio.to_thread(api.get, STREAM)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.json() == {"detail": "1 clients watch already; try again later"}


@pytest.mark.parametrize(
    ("origin", "opened"),
    [("http://{host}", True), ("https://shop.example", True), ("http://evil.example", False), ("null", False)],
)
async def test_a_foreign_page_cannot_watch(database: str, origin: str, opened: bool) -> None:
    with served_api(database, Settings(allowed_hosts="shop.example")) as api:
        host = f"{api.base_url.host}:{api.base_url.port}"
        url = f"ws://{host}{STREAM}"
        if opened:
            async with connect(url, origin=origin.format(host=host), proxy=None) as socket:
                assert '"filter"' in str(await asyncio.wait_for(socket.recv(), PATIENCE))
        else:
            with pytest.raises(InvalidStatus, match="403"):
                async with connect(url, origin=origin, proxy=None):
                    pass


async def test_the_token_of_the_server_opens_the_stream(database: str) -> None:
    with served_api(database, Settings(admin_token="a-secret-of-twenty-letters")) as api:
        url = f"{str(api.base_url).replace('http', 'ws')}{STREAM}"
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(url, proxy=None):
                pass
        headers = {"authorization": "Bearer a-secret-of-twenty-letters"}
        async with connect(url, additional_headers=headers, proxy=None) as socket:
            assert '"filter"' in str(await asyncio.wait_for(socket.recv(), PATIENCE))
