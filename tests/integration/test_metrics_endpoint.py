"""GET /metrics: all processes in one text, whoever answers, and only for those who may read."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests import payloads, rows
from tests.otelgres_process import OtelgresProcess
from tests.senders import GrpcSender, post

Start = Callable[..., OtelgresProcess]
TOKEN = "an admin token for tests"


def families(url: str, **headers: str) -> dict[str, Metric]:
    """The metrics at a URL by name; each name MUST come once, as Prometheus demands."""
    answer = httpx.get(f"{url}/metrics", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = list(text_string_to_metric_families(answer.text))
    assert max(Counter(family.name for family in found).values()) == 1
    return {family.name: family for family in found}


def total(family: Metric, **labels: str) -> float:
    """The sum of a family's samples that have these labels, over all workers."""
    return sum(
        sample.value
        for sample in family.samples
        if sample.name.endswith("_total") and labels.items() <= sample.labels.items()
    )


def workers(family: Metric) -> set[str]:
    return {sample.labels["worker"] for sample in family.samples}


def state(found: dict[str, Metric]) -> dict[str, float]:
    """Whether the one receiver has its database, and how many requests it spooled."""
    names = ("writer_available", "spool_requests")
    return {name: found[f"otelgres_{name}"].samples[0].value for name in names}


@pytest.fixture
def alone(database: str) -> Iterator[OtelgresProcess]:
    process = OtelgresProcess({"OTELGRES_DSN": database}, arguments=["--role", "receiver"])
    yield process
    process.close()


async def test_requests_of_all_receivers_and_transports_add_up(server: Start) -> None:
    process = server(OTELGRES_WORKERS="2")
    for _ in range(12):
        post(process, "traces", payloads.spans(5, bad=(1,)).SerializeToString())
        async with GrpcSender(process.otlp_grpc_target) as sender:
            await sender.send("logs", payloads.records(3).SerializeToString())
    assert post(process, "logs", b"no protobuf").status_code == 400
    found = families(process.url)
    requests, items = found["otelgres_receiver_requests"], found["otelgres_receiver_items"]
    assert total(requests, signal="traces", transport="http", outcome="stored") == 12
    assert total(requests, signal="logs", transport="grpc", outcome="stored") == 12
    assert total(items, signal="traces", outcome="stored") == 48
    assert total(items, signal="traces", outcome="rejected") == 12
    assert total(items, signal="logs", outcome="stored") == 36
    assert total(found["otelgres_receiver_refusals"], error_type="Invalid", retryable="false") == 1
    assert total(found["otelgres_writer_rows"], signal="traces") == 48
    assert total(found["otelgres_writer_rows"], signal="logs") == 36
    assert workers(found["otelgres_writer_commit_duration_seconds"]) <= {"1", "2"}
    assert workers(found["process_resident_memory_bytes"]) == {"api", "1", "2"}


async def test_an_outage_shows_in_the_spool_and_is_over_when_it_is_empty(
    server: Start, database: str, postgres_dsn: str
) -> None:
    process = server()
    name = urlsplit(database).path.removeprefix("/")
    admin = await asyncpg.connect(postgres_dsn)
    try:
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        assert post(process, "traces", payloads.spans(4).SerializeToString()).status_code == 200
        found = families(process.url)
        await admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    finally:
        await admin.close()
    assert state(found) == {"writer_available": 0, "spool_requests": 1}
    assert found["otelgres_spool_oldest_age_seconds"].samples[0].value > 0
    assert total(found["otelgres_receiver_items"], outcome="spooled") == 4
    assert total(found["otelgres_writer_faults"]) > 0
    deadline = time.monotonic() + 30
    while state(families(process.url)) != {"writer_available": 1, "spool_requests": 0}:
        assert time.monotonic() < deadline, process.output()
        await asyncio.sleep(0.1)
    assert await rows.value(database, "SELECT count(*) FROM enterprise.trace_spans") == 4


async def test_the_ledger_says_how_much_it_knows(server: Start) -> None:
    process = server()
    for _ in range(3):
        assert post(process, "logs", payloads.records(1).SerializeToString()).status_code == 200
    deadline = time.monotonic() + 90
    while (family := families(process.url).get("otelgres_ledger_entries")) is None or sum(
        sample.value for sample in family.samples
    ) != 3:
        assert time.monotonic() < deadline, family
        await asyncio.sleep(0.1)
    assert {sample.labels["slot"] for sample in family.samples} == {"0", "1", "2", "3"}


async def test_the_lag_of_search_indexes_is_told(server: Start) -> None:
    process = server()
    deadline = time.monotonic() + 30
    name = "otelgres_search_lag_seconds"
    while name not in (found := families(process.url)):
        assert time.monotonic() < deadline, "not told within 30 s"
        await asyncio.sleep(0.1)
    assert {sample.labels["table"]: sample.value for sample in found[name].samples} == {
        "structured_logs": 0,
        "trace_spans": 0,
    }


async def test_the_lag_of_the_service_map_is_told(server: Start) -> None:
    process = server()
    deadline = time.monotonic() + 30
    name = "otelgres_service_map_lag_seconds"
    while name not in (found := families(process.url)):
        assert time.monotonic() < deadline, "not told within 30 s"
        await asyncio.sleep(0.1)
    [sample] = found[name].samples
    # Of a database that was migrated a while ago, until the job's first steps.
    assert 0 <= sample.value < 3600


async def test_maintenance_runs_are_timed(server: Start) -> None:
    process = server()
    deadline = time.monotonic() + 30
    name = "otelgres_maintenance_run_duration_seconds"
    while name not in (found := families(process.url)):
        assert time.monotonic() < deadline, "no job ran within 30 s"
        await asyncio.sleep(0.1)
    runs = {sample.labels["job"]: sample.labels for sample in found[name].samples}
    assert runs["partition_care"]["outcome"] == "succeeded"
    since = found["otelgres_maintenance_since_success_seconds"].samples
    assert {sample.labels["job"] for sample in since} >= {"partition_care"}
    assert all(0 <= sample.value < 30 for sample in since)


def test_a_receiver_that_hangs_is_left_out_and_counted(server: Start) -> None:
    process = server(OTELGRES_WORKERS="2")
    receivers = [
        child for child in psutil.Process(process.pid).children() if "server.worker" in " ".join(child.cmdline())
    ]
    assert families(process.url)["otelgres_metrics_silent_workers"].samples[0].value == 0
    receivers[0].send_signal(signal.SIGSTOP)
    try:
        begun = time.monotonic()
        found = families(process.url)
        assert time.monotonic() - begun < 5
    finally:
        receivers[0].send_signal(signal.SIGCONT)
    assert found["otelgres_metrics_silent_workers"].samples[0].value == 1
    assert len(workers(found["process_resident_memory_bytes"])) == 2


def test_the_admin_token_guards_them_wherever_they_are(server: Start) -> None:
    process = server(OTELGRES_ADMIN_TOKEN=TOKEN)
    for url in (process.url, process.otlp_http_url):
        assert httpx.get(f"{url}/metrics").status_code == 401
        assert families(url, authorization=f"Bearer {TOKEN}")


def test_a_foreign_host_is_refused_on_loopback(server: Start) -> None:
    process = server()
    for url in (process.url, process.otlp_http_url):
        assert httpx.get(f"{url}/metrics", headers={"host": "evil.example"}).status_code == 403


def test_a_machine_of_receivers_alone_tells_them_at_its_otlp_port(alone: OtelgresProcess) -> None:
    post(alone, "traces", payloads.spans(2).SerializeToString())
    found = families(alone.otlp_http_url)
    assert total(found["otelgres_receiver_items"], outcome="stored") == 2
    assert workers(found["process_resident_memory_bytes"]) == {"1"}
