"""Who calls whom, derived from spans in a real database, against graphs written by hand."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from database import lease, partitions, pool, service_map
from database.ranges import DAY, midnight
from database.service_map import ServiceMap
from tests.call_stories import (
    CLIENT,
    CONSUMER,
    DATABASE,
    GRAPH,
    HTTP,
    INTERNAL,
    NOW,
    PRODUCER,
    QUEUE,
    SERVER,
    STORY,
    Graph,
    Sender,
    Span,
    insert,
    trace_id,
)
from tests.conftest import copied
from tests.prepared_database import RETENTION_DAYS

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# A span is counted two steps after it came.
UNTIL_COUNTED = 3


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture
async def db(database: str) -> AsyncIterator[Any]:
    """The module's database without anything that a test before left."""
    connections = await pool.connect_pool(database, min_size=0, max_size=6, statement_timeout_ms=60_000)
    for table in ("traces", "trace_spans", "edge_minutes", "edge_quarters", "edges", "waiting_links", "writers"):
        await connections.execute(f"DELETE FROM enterprise.{table}")
    await connections.execute("DELETE FROM enterprise.leases")
    await connections.execute("UPDATE enterprise.rollup_progress SET closed_until = 'epoch', seen_until = now()")
    yield connections
    await connections.close()


@pytest.fixture
async def other(database: str) -> AsyncIterator[Any]:
    """A connection of some other program."""
    connection = await asyncpg.connect(database)
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=json.dumps, decoder=json.loads)
    yield connection
    await connection.close()


@pytest.fixture
async def job(db: Any) -> ServiceMap:
    held = lease.Lease(db, "maintenance", "test", timedelta(minutes=10))
    await held.acquire()
    return ServiceMap(held, RETENTION_DAYS)


async def settle(job: ServiceMap) -> None:
    for _ in range(UNTIL_COUNTED):
        while not (await job.run_once(NOW))["caught_up"]:
            pass


async def graph(db: Any) -> Graph:
    rows = await db.fetch(
        "SELECT e.kind, e.source, e.target, sum(m.calls)::int AS calls, sum(m.errors)::int AS errors, "
        "(SELECT coalesce(sum(n), 0) FROM enterprise.edge_minutes AS b, unnest(b.counts) AS n "
        "WHERE b.edge = e.id)::int AS in_buckets "
        "FROM enterprise.edge_minutes AS m JOIN enterprise.edges AS e ON e.id = m.edge "
        "GROUP BY e.id HAVING sum(m.calls) <> 0 OR sum(m.errors) <> 0"
    )
    assert all(row["calls"] == row["in_buckets"] for row in rows)
    assert all(row["calls"] > 0 for row in rows)
    quarters = await db.fetch(
        "SELECT quarter, edge, calls, errors, duration_ms, buckets, counts FROM enterprise.edge_quarters"
    )
    for quarter in quarters:
        sums = await db.fetchrow(
            "SELECT sum(calls)::int, sum(errors)::int, sum(duration_ms) FROM enterprise.edge_minutes "
            "WHERE edge = $1 AND minute >= $2 AND minute < $2 + interval '15 minutes'",
            quarter["edge"],
            quarter["quarter"],
        )
        assert (quarter["calls"], quarter["errors"]) == tuple(sums)[:2]
        assert quarter["duration_ms"] == pytest.approx(sums[2])
        assert sum(quarter["counts"]) == quarter["calls"]
    return {(row["kind"], row["source"], row["target"]): (row["calls"], row["errors"]) for row in rows}


SHARED = {"zipkin.shared": True}
CARDS = {"peer.service": "cards"}


@pytest.mark.parametrize("halves", [1, -1], ids=["client first", "server first"])
async def test_a_call_whose_ends_share_an_id_is_one(db: Any, job: ServiceMap, halves: int) -> None:
    shop, cards = Sender(db), Sender(db)
    of_shop = (Span("order", None, "shop", INTERNAL), Span("call", "order", "shop", CLIENT, CARDS))
    of_cards = (
        Span("check", "call", "cards", INTERNAL),
        Span("select", "call", "cards", CLIENT, DATABASE),
        Span("other", "call", "cards", CLIENT, CARDS),
        Span("call", "order", "cards", SERVER, SHARED, failed=True),
        Span("other", "call", "cards", SERVER, SHARED),
    )
    for sender, spans in [(shop, of_shop), (cards, of_cards)][::halves]:
        await sender.add(*spans)
        await settle(job)
    # Without a parent that both name.
    await shop.add(Span("alone", None, "shop", CLIENT, CARDS, trace="u"))
    await cards.add(Span("alone", None, "cards", SERVER, SHARED, trace="u"))
    await settle(job)
    assert await graph(db) == {
        ("client_server", "shop", "cards"): (2, 1),
        ("client_server", "cards", "cards"): (1, 0),
        ("database", "cards", "shop@db1"): (1, 0),
    }


async def test_a_story_has_the_graph_written_by_hand_and_nothing_is_counted_again(db: Any, job: ServiceMap) -> None:
    await Sender(db).add(*STORY)
    await settle(job)
    assert await graph(db) == GRAPH
    await settle(job)
    assert await graph(db) == GRAPH
    types = await db.fetch("SELECT kind, source_type, target_type, system FROM enterprise.edges ORDER BY kind")
    assert [tuple(row) for row in types] == [
        ("client_server", "service", "service", None),
        ("consume", "queue", "service", "kafka"),
        ("database", "service", "database", "postgresql"),
        ("outside", "service", "outside", None),
        ("produce", "service", "queue", "kafka"),
        ("producer_consumer", "service", "service", None),
    ]


def named(span: Span, number: int) -> Span:
    """The span in a trace and among services of its own."""
    return replace(span, trace=f"t{number}", service=f"{span.service}-{number}")


def named_graph(numbers: Iterable[int], story: Graph) -> Graph:
    services = {"web", "cart", "mailer", "a", "b", "c"}
    renamed: Graph = {}
    for number in numbers:
        for (kind, source, target), counts in story.items():
            ends = [f"{end}-{number}" if end in services else end for end in (source, target)]
            renamed[kind, ends[0], ends[1]] = counts
    return renamed


@pytest.mark.parametrize("runs", [0, 1, 2, 3])
async def test_any_order_of_arrival_over_two_receivers_gives_the_same_graph(
    db: Any, job: ServiceMap, runs: int
) -> None:
    """All orders of the spans that depend on each other, each order among services of its own; so many runs between."""
    story = [span for span in STORY if span.id not in ("select", "smtp")]
    expected = {edge: counts for edge, counts in GRAPH.items() if edge[0] not in ("database", "outside")}
    orders = list(itertools.permutations(story))
    senders = [Sender(db), Sender(db)]
    dice = random.Random(runs)
    for place in range(len(story)):
        of_writer: list[list[Span]] = [[], []]
        for number, order in enumerate(orders):
            of_writer[dice.randrange(2)].append(named(order[place], number))
        for sender, spans in zip(senders, of_writer, strict=True):
            await sender.add(*spans)
        for _ in range(runs):
            await job.run_once(NOW)
    await settle(job)
    found = await graph(db)
    consumed = found.pop(("consume", "orders", "mailer-0"), None)
    assert consumed == (1, 0)
    expected_all = named_graph(range(len(orders)), expected)
    expected_all.pop(("consume", "orders", "mailer-0"))
    assert found == expected_all


async def test_a_server_that_comes_later_takes_back_what_the_client_said_about_it(db: Any, job: ServiceMap) -> None:
    _, client, server, *_ = STORY
    client = replace(client, parent=None)
    await Sender(db).add(client)
    await job.run_once(NOW)
    assert await graph(db) == {}
    await settle(job)
    assert await graph(db) == {("outside", "web", "cart.local:8080"): (1, 0)}
    await Sender(db).add(server)
    await settle(job)
    assert await graph(db) == {("client_server", "web", "cart"): (1, 1)}
    await Sender(db).add(replace(server, id="cart again", failed=False))
    await settle(job)
    assert await graph(db) == {("client_server", "web", "cart"): (2, 1)}


async def test_a_server_that_comes_within_a_step_never_makes_an_outside_peer(db: Any, job: ServiceMap) -> None:
    _, client, server, *_ = STORY
    sender = Sender(db)
    await sender.add(replace(client, parent=None))
    await job.run_once(NOW)
    await sender.add(server)
    for _ in range(UNTIL_COUNTED):
        await job.run_once(NOW)
        assert not any(edge[0] == "outside" for edge in await graph(db))
    assert await db.fetchval("SELECT count(*) FROM enterprise.edges WHERE kind = 'outside'") == 0


async def test_a_call_may_fan_out_and_a_service_may_call_itself(db: Any, job: ServiceMap) -> None:
    fan_out = [Span(f"s{n}", "c", service, SERVER) for n, service in enumerate(["b", "b", "c", "a"])]
    await Sender(db).add(
        Span("root", None, "a", SERVER),
        Span("c", "root", "a", CLIENT, HTTP),
        *fan_out,
        Span("inner", "s0", "b", INTERNAL),
        Span("deeper", "inner", "b", INTERNAL),
    )
    await settle(job)
    assert await graph(db) == {
        ("client_server", "a", "b"): (2, 0),
        ("client_server", "a", "c"): (1, 0),
        ("client_server", "a", "a"): (1, 0),
    }


async def test_services_without_kinds_call_each_other_by_their_parents(db: Any, job: ServiceMap) -> None:
    await Sender(db, plain=True).add(
        Span("one", None, "a", 0), Span("two", "one", "b", 0, failed=True), Span("three", "two", "b", 0)
    )
    await settle(job)
    assert await graph(db) == {("client_server", "a", "b"): (1, 1)}


async def test_a_missing_parent_makes_no_call_until_it_comes(db: Any, job: ServiceMap) -> None:
    await Sender(db).add(Span("server", "sampled away", "b", SERVER), Span("own", "server", "b", INTERNAL))
    await settle(job)
    assert await graph(db) == {}
    await Sender(db).add(Span("sampled away", None, "a", CLIENT))
    await settle(job)
    assert await graph(db) == {("client_server", "a", "b"): (1, 0)}


async def test_a_client_within_a_client_is_its_transport(db: Any, job: ServiceMap) -> None:
    """Whichever comes first, and however much later."""
    model = Span("chat", "root", "a", CLIENT, {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"})
    http = Span("POST", "chat", "a", CLIENT, {"server.address": "api.openai.com", "server.port": 443})
    for first, second in ((model, http), (http, model)):
        trace = f"{first.id} first"
        await Sender(db).add(replace(first, trace=trace))
        await settle(job)
        await Sender(db).add(replace(second, trace=trace))
        await settle(job)
    assert await graph(db) == {("model", "a", "gpt-5"): (2, 0)}


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("consumer_first", [False, True])
async def test_a_consumer_is_joined_to_producers_by_links_whichever_comes_first(
    db: Any, job: ServiceMap, consumer_first: bool, late: bool
) -> None:
    producers = [Span(f"send {n}", None, "a", PRODUCER, QUEUE, trace=f"p{n}") for n in range(3)]
    consumer = Span("receive", None, "b", CONSUMER, QUEUE, trace="k", links=(("p0", "send 0"), ("p1", "send 1")))
    both = Span("process", "send 2", "b", CONSUMER, QUEUE, trace="p2", links=(("p2", "send 2"), ("gone", "x")))
    consumers = [consumer, both]
    for batch in (consumers, producers) if consumer_first else (producers, consumers):
        await Sender(db).add(*batch)
        if late:
            await settle(job)
    await settle(job)
    assert await graph(db) == {
        ("produce", "a", "orders"): (3, 0),
        ("consume", "orders", "b"): (2, 0),
        ("producer_consumer", "a", "b"): (3, 0),
    }
    waiting = await db.fetch("SELECT trace_id FROM enterprise.waiting_links")
    assert [row["trace_id"] for row in waiting] == [trace_id("gone")]
    await job.run_once(NOW + 2 * DAY)
    assert await db.fetchval("SELECT count(*) FROM enterprise.waiting_links") == 0


@pytest.mark.parametrize("trace", ["0" * 16 + "463ac35c9f6413ad", "463ac35c9f6413ad", "f" * 32])
async def test_trace_ids_of_64_bits_are_ids_like_others(db: Any, job: ServiceMap, trace: str) -> None:
    spans = [replace(span, trace=trace) for span in STORY]
    await Sender(db).add(*spans[::2])
    await settle(job)
    await Sender(db).add(*spans[1::2])
    await settle(job)
    assert await graph(db) == GRAPH


async def test_plain_sql_and_receivers_tell_one_story(db: Any, job: ServiceMap) -> None:
    plain, receiver = Sender(db, plain=True), Sender(db)
    for number, span in enumerate(STORY):
        await (plain if number % 2 else receiver).add(span)
        await job.run_once(NOW)
    await settle(job)
    assert await graph(db) == GRAPH


async def test_plain_sql_that_commits_late_is_counted_once_it_does(db: Any, job: ServiceMap, other: Any) -> None:
    await Sender(db, plain=True).add(STORY[2])
    async with other.transaction():
        await insert(other, STORY[:2])
        for _ in range(4):
            await job.run_once(NOW)
        assert await graph(db) == {}
    await settle(job)
    assert await graph(db) == {("client_server", "web", "cart"): (1, 1)}


async def test_a_span_that_comes_twice_is_one(db: Any, job: ServiceMap) -> None:
    for _ in range(3):
        await Sender(db).add(*STORY)
        await settle(job)
    found = await graph(db)
    assert found == GRAPH


async def test_rows_that_move_out_of_default_are_not_counted_again(db: Any, job: ServiceMap) -> None:
    day = NOW + 20 * DAY
    await Sender(db).add(*[replace(span, time=day) for span in STORY[:3]])
    await settle(job)
    async with db.acquire() as connection:
        await partitions.ensure(connection, day, RETENTION_DAYS)
    await Sender(db).add(*[replace(span, time=day) for span in STORY[3:]])
    await settle(job)
    assert await graph(db) == GRAPH


async def test_what_is_older_than_the_retention_is_not_counted(db: Any, job: ServiceMap) -> None:
    old = midnight(NOW) - (RETENTION_DAYS + 1) * DAY
    await Sender(db).add(*[replace(span, time=old) for span in STORY])
    await settle(job)
    assert await graph(db) == {}


@pytest.mark.parametrize("seed", range(3))
async def test_a_backlog_is_worked_off_in_slices_to_the_same_graph(
    db: Any, job: ServiceMap, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hours of the writers' time, in which each span came at a time of its own."""
    dice = random.Random(seed)
    start = int((NOW - 2 * HOUR).timestamp() * 1_000_000)
    writers = [
        await db.fetchval("INSERT INTO enterprise.writers (started_at) VALUES ($1) RETURNING writer", NOW - 2 * HOUR)
        for _ in range(2)
    ]
    for number in range(20):
        for span in STORY:
            batch = start + dice.randrange(7_000_000_000)
            async with db.acquire() as connection:
                await insert(connection, [named(span, number)], writer=dice.choice(writers), batch=batch)
    await db.execute("UPDATE enterprise.writers SET batch = $1", start + 7_000_000_000)
    await db.execute("UPDATE enterprise.rollup_progress SET seen_until = $1", NOW - 2 * HOUR)
    reports = [await job.run_once(NOW)]
    while not reports[-1]["caught_up"]:
        reports.append(await job.run_once(NOW))
    await settle(job)
    found = await graph(db)
    shared = {edge: counts for edge, counts in found.items() if edge[0] == "client_server"}
    assert shared == {("client_server", f"web-{n}", f"cart-{n}"): (1, 1) for n in range(20)}
    assert {edge[0] for edge in found} == {edge[0] for edge in GRAPH}
    assert sum(calls for calls, _ in found.values()) == 20 * len(GRAPH)


@pytest.mark.parametrize("skew", [-HOUR, HOUR])
async def test_a_receiver_whose_clock_is_wrong_is_counted_like_others(
    db: Any, job: ServiceMap, skew: timedelta
) -> None:
    right, wrong = Sender(db), Sender(db, skew=skew)
    for number, span in enumerate(STORY):
        await (wrong if number % 2 else right).add(span)
    reports = [await job.run_once(NOW) for _ in range(UNTIL_COUNTED)]
    assert await graph(db) == GRAPH
    assert all(report["caught_up"] for report in reports)


async def test_a_run_that_is_cancelled_counts_all_or_nothing(db: Any, job: ServiceMap) -> None:
    await Sender(db).add(*[named(span, number) for number in range(200) for span in STORY])
    done = False
    delay = 0.001
    for _ in range(40):
        try:
            async with asyncio.timeout(delay):
                await job.run_once(NOW)
            done = True
        except TimeoutError:
            delay *= 1.3
        found = await graph(db)
        assert sum(calls for calls, _ in found.values()) in (0, 200 * len(GRAPH))
    assert done
    await settle(job)
    assert sum(calls for calls, _ in (await graph(db)).values()) == 200 * len(GRAPH)


async def test_a_trace_beyond_all_bounds_is_left_out(db: Any, job: ServiceMap, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_map, "MOST_SPANS", 5)
    await Sender(db).add(*STORY)
    await Sender(db).add(Span("a", None, "a", CLIENT, DATABASE, trace="small"))
    await settle(job)
    assert await graph(db) == {("database", "a", "shop@db1"): (1, 0)}


async def test_quarters_are_made_anew_by_late_calls(db: Any, job: ServiceMap) -> None:
    await Sender(db).add(*STORY)
    await settle(job)
    assert await db.fetchval("SELECT count(*) FROM enterprise.edge_quarters") == len(GRAPH)
    await Sender(db).add(*[replace(span, trace="other") for span in STORY])
    await settle(job)
    assert {edge: (calls // 2, errors // 2) for edge, (calls, errors) in (await graph(db)).items()} == GRAPH
    assert await db.fetchval("SELECT count(*) FROM enterprise.edge_quarters") == len(GRAPH)


PEERS = [
    ({"db.system": "mysql", "db.name": "crm"}, ("database", "mysql", "crm")),
    (DATABASE | {"peer.service": "main-db"}, ("database", "postgresql", "main-db")),
    ({"db.system.name": "redis", "net.peer.name": "cache"}, ("database", "redis", "cache")),
    ({"messaging.system": "rabbitmq", "messaging.destination": "jobs"}, ("queue", "rabbitmq", "jobs")),
    (QUEUE | {"messaging.destination.temporary": True}, ("queue", "kafka", "(temporary)")),
    ({"gen_ai.system": "anthropic", "gen_ai.response.model": "m"}, ("model", "anthropic", "m")),
    ({"peer.service": "billing", "server.address": "10.0.0.1"}, ("outside", None, "billing")),
    ({"server.address": "a.example", "server.port": 443}, ("outside", None, "a.example")),
    ({"net.peer.name": "a.example", "net.peer.port": 9000}, ("outside", None, "a.example:9000")),
    ({"url.full": "https://user:secret@a.example:8443/x?y=z@q"}, ("outside", None, "a.example:8443")),
    ({"http.url": "http://[::1]:80/"}, ("outside", None, "[::1]:80")),
    ({"rpc.service": "shop.Cart"}, ("outside", None, "shop.Cart")),
    ({"network.peer.address": "10.0.0.7"}, ("outside", None, "10.0.0.7")),
    ({"http.request.method": "GET"}, None),
    ([1], None),
    (None, None),
]


@pytest.mark.parametrize(("tags", "peer"), PEERS)
async def test_what_a_client_says_about_the_other_end(db: Any, tags: object, peer: tuple[str, ...] | None) -> None:
    row = await db.fetchrow("SELECT type, system, name FROM enterprise.peer_of($1)", tags)
    assert (tuple(row) if row else None) == peer


async def test_names_of_any_length_are_kept_short(db: Any, job: ServiceMap) -> None:
    await Sender(db).add(Span("a", None, "s" * 5000, CLIENT, {"server.address": "h" * 5000}))
    await settle(job)
    [(_, source, target)] = await graph(db)
    assert (len(source), len(target)) == (197, 197)


async def test_a_run_that_lost_the_lead_changes_nothing(db: Any, job: ServiceMap) -> None:
    await Sender(db).add(*STORY)
    await job.run_once(NOW)
    before = await db.fetch("SELECT * FROM enterprise.edge_positions ORDER BY 1")
    await db.execute("UPDATE enterprise.leases SET holder = 'other'")
    with pytest.raises(lease.LeaseLost):
        await job.run_once(NOW)
    assert await db.fetch("SELECT * FROM enterprise.edge_positions ORDER BY 1") == before
    assert await graph(db) == {}
