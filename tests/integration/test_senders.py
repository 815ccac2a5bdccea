"""Senders over the outbox: claims, order, retries, what is recorded, and what a crash leaves behind."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from opentelemetry.metrics import NoOpMeter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from alerting.delivery import Environment, Senders
from alerting.delivery.messenger import Messenger
from alerting.notices import Item, Told
from database.pool import connect_pool
from tests.alert_mail_server import PASSWORD, USER, mail_server
from tests.alert_notices import ITEM, NOW, add_channel, add_instance, add_notice, resolved
from tests.alert_receiver import HANG, Answer, Receiver, receiver
from tests.conftest import copied

DEADLINE_SECONDS = 30
METER = NoOpMeter("tests")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def connections(database: str) -> AsyncIterator[Any]:
    connections = await connect_pool(database, min_size=0, max_size=10, statement_timeout_ms=10_000)
    yield connections
    for table in ("alert_notices", "alert_channels", "alert_rules"):
        await connections.execute(f"DELETE FROM enterprise.{table}")
    await connections.close()


@asynccontextmanager
async def senders(
    connections: Any, environment: Environment, clock: Callable[[], datetime] = lambda: NOW, seconds: float = 10.0
) -> AsyncIterator[Senders]:
    running = Senders(connections, environment, METER, clock, Messenger(seconds))
    running.start()
    try:
        yield running
    finally:
        await running.stop()


def slack(receiving: Receiver) -> Environment:
    return Environment(slack_webhook_url=receiving.url)


async def until(condition: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not await condition():
            pass


async def settled(connections: Any, **expected: int) -> None:
    """Waits until so many notices are in each of these states."""

    async def reached() -> bool:
        rows = await connections.fetch("SELECT state, count(*) FROM enterprise.alert_notices GROUP BY state")
        return dict(map(tuple, rows)) == expected

    await until(reached)


async def notice(connections: Any, id_: UUID) -> Any:
    return await connections.fetchrow("SELECT * FROM enterprise.alert_notices WHERE id = $1", id_)


async def attempts(connections: Any, id_: UUID) -> list[Any]:
    rows: list[Any] = await connections.fetch(
        "SELECT * FROM enterprise.alert_attempts WHERE notice_id = $1 ORDER BY attempt", id_
    )
    return rows


async def notes(connections: Any, item: Item = ITEM) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await connections.fetchval(
        "SELECT notifications_sent FROM enterprise.alert_instances WHERE id = $1", item.instance_id
    )
    return found


async def test_a_notice_is_sent_at_once_and_recorded(connections: Any) -> None:
    await add_instance(connections, ITEM)
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await settled(connections)
        id_ = await add_notice(connections)
        await receiving.has(1)
        await settled(connections, sent=1)
    stored = await notice(connections, id_)
    assert (stored["attempts"], stored["finished_at"], stored["claimed_by"]) == (1, NOW, None)
    [attempt] = await attempts(connections, id_)
    assert (attempt["success"], attempt["permanent"], attempt["error"]) == (True, False, None)
    assert await notes(connections) == [
        {"channel": "slack", "sent_at": NOW.isoformat(), "success": True, "error": None, "notice_id": str(id_)}
    ]


async def test_a_channel_that_is_not_configured_is_recorded_as_a_failure_with_the_reason(connections: Any) -> None:
    await add_instance(connections, ITEM)
    id_ = await add_notice(connections)
    async with senders(connections, Environment()):
        await settled(connections, failed=1)
    reason = "the channel slack is not configured: SLACK_WEBHOOK_URL is not set"
    assert (await notice(connections, id_))["last_error"] == reason
    assert [(note["success"], note["error"]) for note in await notes(connections)] == [(False, reason)]
    [attempt] = await attempts(connections, id_)
    assert attempt["permanent"]


async def test_a_channel_of_the_table_wins_over_the_environment(connections: Any, database: str) -> None:
    async with receiver() as receiving, receiver() as other:
        await add_channel(database, "slack", "slack", secrets={"webhook_url": other.url})
        await add_notice(connections)
        async with senders(connections, slack(receiving)):
            await settled(connections, sent=1)
    assert (len(receiving.requests), len(other.requests)) == (0, 1)


async def test_what_is_permanent_is_not_tried_again(connections: Any) -> None:
    await add_instance(connections, ITEM)
    async with receiver(Answer(403, body="invalid_token")) as receiving, senders(connections, slack(receiving)):
        await add_notice(connections)
        await settled(connections, failed=1)
    assert len(receiving.requests) == 1
    assert [note["error"] for note in await notes(connections)] == ["Slack answered 403: invalid_token"]


async def test_what_is_temporary_is_tried_again_with_the_same_key_and_each_attempt_is_recorded(
    connections: Any, database: str
) -> None:
    await add_instance(connections, ITEM)
    clock = Clock()
    async with receiver(Answer(500, body="down"), Answer(503, body="still"), Answer(200)) as receiving:
        await add_channel(database, "hook", "webhook", {"url": receiving.url})
        async with senders(connections, Environment(), clock):
            id_ = await add_notice(connections, channel="hook")
            for count in (1, 2):
                await receiving.has(count)
                await settled(connections, waiting=1)
                due_at = (await notice(connections, id_))["due_at"]
                assert (
                    clock.now + timedelta(seconds=0.8) * count <= due_at <= clock.now + timedelta(seconds=1.2) * count
                )
                clock.now = due_at
                await connections.execute("NOTIFY alert_notices")
            await settled(connections, sent=1)
    assert {request.headers["idempotency-key"] for request in receiving.requests} == {str(id_)}
    errors = ["the webhook answered 500: down", "the webhook answered 503: still", None]
    assert [attempt["error"] for attempt in await attempts(connections, id_)] == errors
    assert [(note["success"], note["error"]) for note in await notes(connections)] == [
        (False, errors[0]),
        (False, errors[1]),
        (True, None),
    ]


async def test_retry_after_is_honoured_for_all_notices_of_the_channel(connections: Any) -> None:
    clock = Clock()
    answers = (Answer(429, {"retry-after": "30"}), Answer())
    async with receiver(*answers) as receiving, senders(connections, slack(receiving), clock):
        first = await add_notice(connections, group="a")
        await until(lambda: attempted(connections, 1))
        await settled(connections, waiting=1)
        assert (await notice(connections, first))["due_at"] == NOW + timedelta(seconds=30)
        # Another channel's failure shows that the senders have looked since.
        await add_notice(connections, group="b")
        await add_notice(connections, channel="email", group="b")
        await settled(connections, waiting=2, failed=1)
        clock.now += timedelta(seconds=31)
        await connections.execute("NOTIFY alert_notices")
        await settled(connections, sent=2, failed=1)
    assert len(receiving.requests) == 3


async def test_it_is_given_up_after_a_day(connections: Any) -> None:
    clock = Clock()
    async with receiver(Answer(500)) as receiving, senders(connections, slack(receiving), clock):
        id_ = await add_notice(connections, created_at=NOW - timedelta(hours=24))
        await settled(connections, failed=1)
    assert (await notice(connections, id_))["last_error"] == "Slack answered 500: ok"
    [attempt] = await attempts(connections, id_)
    assert not attempt["permanent"]


async def test_a_channel_that_hangs_delays_no_other(connections: Any, database: str) -> None:
    async with receiver(HANG) as hanging, receiver() as receiving:
        await add_channel(database, "hook", "webhook", {"url": hanging.url})
        for place in range(6):
            await add_notice(connections, channel="hook", group=str(place))
        async with senders(connections, slack(receiving), seconds=DEADLINE_SECONDS):
            await hanging.has(4)
            await add_notice(connections)
            await receiving.has(1)
            await settled(connections, sending=4, waiting=2, sent=1)


async def test_a_notice_waits_until_it_is_due(connections: Any) -> None:
    clock = Clock()
    async with receiver() as receiving, senders(connections, slack(receiving), clock):
        await add_notice(connections, group="later", due_at=NOW + timedelta(seconds=30))
        await add_notice(connections, group="now")
        await settled(connections, waiting=1, sent=1)
        clock.now += timedelta(seconds=30)
        await connections.execute("NOTIFY alert_notices")
        await settled(connections, sent=2)


async def test_it_wakes_up_by_itself_when_one_becomes_due(connections: Any) -> None:
    async with receiver() as receiving, senders(connections, slack(receiving), lambda: datetime.now(NOW.tzinfo)):
        await settled(connections)
        now = datetime.now(NOW.tzinfo)
        await add_notice(connections, created_at=now, due_at=now + timedelta(seconds=1))
        async with asyncio.timeout(5):
            await receiving.has(1)


async def test_notices_of_a_group_keep_their_order_over_failures(connections: Any, database: str) -> None:
    def told(name: str) -> Item:
        return replace(ITEM, rule_name=name)

    clock = Clock()
    async with receiver(Answer(500), Answer(500), Answer()) as receiving:
        await add_channel(database, "hook", "webhook", {"url": receiving.url})
        async with senders(connections, Environment(), clock):
            await add_notice(connections, told("first"), channel="hook")
            await receiving.has(1)
            await settled(connections, waiting=1)
            await add_notice(connections, told("second"), channel="hook")
            for count in (2, 3):
                clock.now += timedelta(seconds=10)
                await connections.execute("NOTIFY alert_notices")
                await receiving.has(count)
                await until(lambda count=count: attempted(connections, count))
            await settled(connections, sent=2)
    titles = [request.json["title"] for request in receiving.requests]
    assert titles == ["first", "first", "first", "second"]


async def test_two_senders_over_the_same_rows_send_each_once(database: str, connections: Any) -> None:
    async with AsyncExitStack() as stack:
        receiving = await stack.enter_async_context(receiver())
        await add_channel(database, "hook", "webhook", {"url": receiving.url})
        ids = {await add_notice(connections, channel="hook", group=str(place % 10), due_at=NOW) for place in range(10)}
        for _ in range(2):
            own = await connect_pool(database, min_size=0, max_size=6, statement_timeout_ms=10_000)
            stack.push_async_callback(own.close)
            await stack.enter_async_context(senders(own, Environment()))
        for place in range(90):
            async with connections.acquire() as connection:
                ids.add(await add_notice(connection, channel="hook", group=f"later {place}"))
        await settled(connections, sent=100)
    sent = [UUID(request.headers["idempotency-key"]) for request in receiving.requests]
    assert len(sent) == 100
    assert set(sent) == ids


async def test_a_sender_killed_between_sending_and_recording_is_followed_by_one_with_the_same_key(
    connections: Any, database: str
) -> None:
    await add_instance(connections, ITEM)
    async with receiver(HANG, Answer()) as receiving:
        await add_channel(database, "hook", "webhook", {"url": receiving.url})
        id_ = await add_notice(connections, channel="hook")
        killed = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.sender_process", database)
        try:
            await receiving.has(1)
        finally:
            killed.kill()
            await killed.wait()
        async with senders(connections, Environment()):
            await add_notice(connections, channel="hook", group="other")
            await settled(connections, sending=1, sent=1)
            await connections.execute("UPDATE enterprise.alert_notices SET claimed_until = now() WHERE id = $1", id_)
            await connections.execute("NOTIFY alert_notices")
            await settled(connections, sent=2)
    keys = [request.headers["idempotency-key"] for request in receiving.requests]
    assert (len(keys), keys[0], keys[2]) == (3, str(id_), str(id_))
    lost, second = await attempts(connections, id_)
    assert (lost["success"], lost["error"].split(":")[0]) == (False, "nobody knows what came of it")
    assert (second["attempt"], second["success"]) == (2, True)
    assert [note["success"] for note in await notes(connections) if note["notice_id"] == str(id_)] == [True]


async def test_senders_stop_also_when_their_connections_are_gone(connections: Any, database: str) -> None:
    own = await connect_pool(database, min_size=0, max_size=4, statement_timeout_ms=10_000)
    async with receiver(HANG) as receiving:
        async with asyncio.timeout(DEADLINE_SECONDS), senders(own, slack(receiving), seconds=DEADLINE_SECONDS):
            await add_notice(connections)
            await receiving.has(1)
            own.terminate()
        await settled(connections, sending=1)


async def test_what_is_being_sent_when_senders_stop_is_finished(connections: Any) -> None:
    async with receiver() as receiving:
        async with senders(connections, slack(receiving)):
            await add_notice(connections)
            await receiving.has(1)
        await settled(connections, sent=1)


async def test_whoever_did_not_hear_of_the_firing_is_not_told_that_it_is_over(connections: Any) -> None:
    await add_instance(connections, ITEM)
    async with receiver() as receiving, senders(connections, slack(receiving)):
        id_ = await add_notice(connections, resolved())
        await settled(connections, dropped=1)
    assert receiving.requests == []
    assert (await notice(connections, id_))["last_error"] == "it is over, and of the firing this channel never heard"


async def test_whoever_heard_of_the_firing_is_told_that_it_is_over(connections: Any) -> None:
    await add_instance(connections, ITEM)
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await add_notice(connections, ITEM)
        await receiving.has(1)
        await add_notice(connections, resolved())
        await settled(connections, sent=2)
    assert [request.json["text"] for request in receiving.requests] == [
        "🚨 *High Error Rate*",
        "✅ *High Error Rate* (resolved)",
    ]


async def test_the_end_is_told_also_when_the_rule_is_gone(connections: Any) -> None:
    await add_instance(connections, ITEM)
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await add_notice(connections, ITEM)
        await settled(connections, sent=1)
        await connections.execute("DELETE FROM enterprise.alert_rules WHERE id = $1", ITEM.rule_id)
        await add_notice(connections, resolved())
        await settled(connections, sent=2)
    assert len(receiving.requests) == 2


async def test_what_fired_and_ended_in_one_notice_is_told_as_over(connections: Any) -> None:
    await add_instance(connections, ITEM)
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await add_notice(connections, ITEM, resolved())
        await settled(connections, sent=1)
    [request] = receiving.requests
    assert request.json["text"] == "✅ *High Error Rate* (resolved)"


async def test_of_a_group_only_what_was_never_told_is_left_out(connections: Any) -> None:
    other = replace(ITEM, instance_id=uuid4(), fingerprint="b", rule_name="Other", told=Told.FIRING)
    await add_instance(connections, ITEM)
    await add_instance(connections, other)
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await add_notice(connections, resolved(), other)
        await settled(connections, sent=1)
    [request] = receiving.requests
    assert request.json["text"] == "🚨 *Other*"
    assert (len(await notes(connections)), len(await notes(connections, other))) == (0, 1)


async def test_a_mail_that_reaches_two_of_three_is_sent_and_the_third_is_named(connections: Any, database: str) -> None:
    await add_instance(connections, ITEM)
    async with mail_server({"eve@example.com": "550 no such user"}) as server:
        environment = Environment(
            smtp_host="localhost",
            smtp_port=server.port,
            smtp_user=USER,
            smtp_password=PASSWORD,
            email_from="alerts@example.com",
            email_to=("ann@example.com", "bob@example.com", "eve@example.com"),
        )
        running = Senders(connections, environment, METER, lambda: NOW, Messenger(tls=server.tls))
        running.start()
        id_ = await add_notice(connections, channel="email")
        await settled(connections, sent=1)
        await running.stop()
    error = "1 of 3 recipients refused by the mail server: eve@example.com (550 no such user)"
    assert [(note["success"], note["error"]) for note in await notes(connections)] == [(True, error)]
    [attempt] = await attempts(connections, id_)
    assert attempt["detail"]["refused"] == {"eve@example.com": "550 no such user"}
    assert [recipients for recipients, _ in server.mails] == [["ann@example.com", "bob@example.com"]]


async def test_who_was_put_off_is_told_later_and_the_others_not_again(connections: Any) -> None:
    clock = Clock()
    async with mail_server({"bob@example.com": "451 come again"}) as server:
        environment = Environment(
            smtp_host="localhost",
            smtp_port=server.port,
            smtp_user=USER,
            smtp_password=PASSWORD,
            email_from="alerts@example.com",
            email_to=("ann@example.com", "bob@example.com"),
        )
        running = Senders(connections, environment, METER, clock, Messenger(tls=server.tls))
        running.start()
        await add_notice(connections, channel="email")
        await settled(connections, waiting=1)
        await until(lambda: attempted(connections, 1))
        server.refusals.clear()
        clock.now += timedelta(seconds=10)
        await connections.execute("NOTIFY alert_notices")
        await settled(connections, sent=1)
        await running.stop()
    assert [recipients for recipients, _ in server.mails] == [["ann@example.com"], ["bob@example.com"]]


async def attempted(connections: Any, count: int) -> bool:
    return bool(await connections.fetchval("SELECT count(*) FROM enterprise.alert_attempts") == count)


async def test_of_very_many_attempts_an_instance_keeps_the_successes_and_the_newest(
    connections: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerting.delivery.outbox.MOST_NOTES", 3)
    await add_instance(connections, ITEM)
    async with receiver(Answer(), Answer(403)) as receiving, senders(connections, slack(receiving)):
        for count in range(1, 6):
            await add_notice(connections)
            await receiving.has(count)
            await until(lambda count=count: finished(connections, count))
    assert [note["success"] for note in await notes(connections)] == [True, False, False]


async def finished(connections: Any, count: int) -> bool:
    query = "SELECT count(*) FROM enterprise.alert_notices WHERE finished_at IS NOT NULL"
    return bool(await connections.fetchval(query) == count)


async def test_they_tell_of_their_attempts_and_of_what_waits(connections: Any) -> None:
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], shutdown_on_exit=False).get_meter("tests")
    async with receiver(Answer(), Answer(403), Answer(500)) as receiving:
        running = Senders(connections, slack(receiving), meter, lambda: NOW, Messenger())
        running.start()
        for count in (1, 2, 3):
            await add_notice(connections, group=str(count), created_at=NOW - timedelta(minutes=count))
            await until(lambda count=count: attempted(connections, count))
        await until(lambda: told_of(reader, "otelgres.alerts.delivery.oldest", 180.0))
        await running.stop()
    points = points_of(reader, "otelgres.alerts.delivery.attempt.duration")
    assert {(point.attributes["kind"], point.attributes["outcome"], point.count) for point in points} == {
        ("slack", "told", 1),
        ("slack", "refused", 1),
        ("slack", "put_off", 1),
    }


def points_of(reader: InMemoryMetricReader, name: str) -> list[Any]:
    data = reader.get_metrics_data()
    metrics = [metric for each in data.resource_metrics for scope in each.scope_metrics for metric in scope.metrics]
    return [point for metric in metrics if metric.name == name for point in metric.data.data_points]


async def told_of(reader: InMemoryMetricReader, name: str, value: float) -> bool:
    await asyncio.sleep(0)
    return [point.value for point in points_of(reader, name)] == [value]


async def test_what_is_no_notice_stops_no_other(connections: Any, caplog: pytest.LogCaptureFixture) -> None:
    await connections.execute(
        "INSERT INTO enterprise.alert_notices (channel, group_key, kind, items, due_at) "
        "VALUES ('slack', 'bad', 'alert', '[{\"told\": \"nothing\"}]', $1)",
        NOW,
    )
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await add_notice(connections)
        await settled(connections, dropped=1, sent=1)
    assert "cannot be read" in caplog.text


async def test_an_idle_database_is_looked_at_once_in_ten_seconds(connections: Any, database: str) -> None:
    looks = 0

    def clock() -> datetime:
        nonlocal looks
        looks += 1
        return NOW

    async with receiver() as receiving, senders(connections, slack(receiving), clock):
        await settled(connections)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.Event().wait()
    assert looks == 1


async def test_they_start_without_the_database_and_stop() -> None:
    away = await connect_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0, max_size=2, statement_timeout_ms=0)
    async with senders(away, Environment()), asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.sleep(0)
    await away.close()


async def test_they_go_on_when_the_database_is_back(connections: Any, database: str) -> None:
    async with receiver() as receiving, senders(connections, slack(receiving)):
        await add_notice(connections)
        await settled(connections, sent=1)
        await connections.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await add_notice(connections, group="after")
        await settled(connections, sent=2)
