"""The example application against the real server: one question, one trace, through both processes."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from examples.rag_app.processes import ROOT, module
from tests.conftest import copied
from tests.otelgres_process import OtelgresProcess, free_ports, plain_environment

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECONDS_TO_ARRIVE = 30
TRACE_ID = re.compile(r"[0-9a-f]{32}")
PERSON = {"X-User-Email": "ada@example.com", "X-User-Department": "engineering"}

Found = TypeVar("Found")
Tree = set[tuple[str, str, str | None]]
HANDLED: Tree = {
    ("rag-app", "cache_lookup", "message_handler"),
    ("rag-app", "rag_retrieve", "message_handler"),
    ("rag-app", "POST", "rag_retrieve"),
    ("rag-retrieval", "POST /search", "POST"),
    ("rag-retrieval", "bm25_search", "POST /search"),
    ("rag-app", "llm_generate", "message_handler"),
}


@dataclass(frozen=True)
class Stored:
    """A trace as the tables have it."""

    trace: Mapping[str, Any]
    spans: list[Mapping[str, Any]]
    logs: list[Mapping[str, Any]]

    def tree(self) -> Tree:
        """Each span as (service, name, name of its parent)."""
        names = {span["span_id"]: span["operation_name"] for span in self.spans}
        return {
            (span["service_name"], span["operation_name"], names.get(span["parent_span_id"])) for span in self.spans
        }

    def tags(self, name: str) -> dict[str, Any]:
        (span,) = [span for span in self.spans if span["operation_name"] == name]
        tags: dict[str, Any] = json.loads(span["tags"])
        return tags

    def columns(self, *names: str) -> dict[str, Any]:
        return {name: self.trace[name] for name in names}


@dataclass(frozen=True)
class Stage:
    """The running application, and the database behind the server."""

    url: str
    http: httpx.AsyncClient
    database: asyncpg.Connection

    def converse(self, session_id: str) -> connect:
        return connect(f"{self.url.replace('http', 'ws', 1)}/ws/{session_id}")

    async def stored(self, trace_id: str, *, spans: int, logs: int = 0, over: bool = True) -> Stored:
        """The trace once it has so many spans and logs and, unless its root is not ours, is over."""
        assert TRACE_ID.fullmatch(trace_id)

        async def arrived() -> Stored | None:
            found = await self._read(trace_id)
            if found is None or (over and found.trace["status"] == "in_progress"):
                return None
            return found if len(found.spans) >= spans and len(found.logs) >= logs else None

        async def seen() -> object:
            found = await self._read(trace_id)
            return found and (found.trace["status"], found.tree(), [log["message"] for log in found.logs])

        return await eventually(arrived, seen)

    async def _read(self, trace_id: str) -> Stored | None:
        query = "SELECT * FROM enterprise.{} WHERE trace_id = $1"
        trace = await self.database.fetchrow(query.format("traces"), trace_id)
        spans = await self.database.fetch(query.format("trace_spans"), trace_id)
        logs = await self.database.fetch(query.format("structured_logs"), trace_id)
        return Stored(trace, spans, logs) if trace else None


async def eventually(
    condition: Callable[[], Awaitable[Found | None]], otherwise: Callable[[], Awaitable[object]]
) -> Found:
    """What condition gives as soon as it is no longer None; the failure shows what otherwise gives."""
    try:
        async with asyncio.timeout(SECONDS_TO_ARRIVE):
            while (found := await condition()) is None:  # noqa: ASYNC110 another process makes it true
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        pytest.fail(f"not within {SECONDS_TO_ARRIVE} s; instead: {await otherwise()}")


@asynccontextmanager
async def running_chat(server: OtelgresProcess, **settings: str) -> AsyncIterator[Stage]:
    """The chat sends OTLP over HTTP and its retrieval service over gRPC: one trace comes by both ways."""
    ports = free_ports(2)
    environment = {
        "RAG_RETRIEVAL_PORT": str(ports[0]),
        "RAG_PORT": str(ports[1]),
        "RAG_FAILURE_RATE": "0",
        "RAG_SLOW_RATE": "0",
        "RAG_SECONDS_PER_TOKEN": "0",
        "OTEL_BSP_SCHEDULE_DELAY": "100",
        "OTEL_BLRP_SCHEDULE_DELAY": "100",
        "OTEL_METRIC_EXPORT_INTERVAL": "1000",
        **settings,
    }
    exports = [("grpc", f"http://{server.otlp_grpc_target}"), ("http/protobuf", server.otlp_http_url)]
    url = f"http://127.0.0.1:{ports[1]}"
    async with AsyncExitStack() as stack:
        for name, port, (protocol, endpoint) in zip(("retrieval", "app"), ports, exports, strict=True):
            export = {"OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
            part = module(f"examples.rag_app.{name}", "127.0.0.1", port, env=environment | export)
            await stack.enter_async_context(part)
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20))
        database = await asyncpg.connect(server.dsn)
        stack.push_async_callback(database.close)
        yield Stage(url, http, database)


@pytest.fixture(scope="module")
def one_server(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    """One server and database for this module: each test looks at traces of its own."""
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        yield process
        process.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(one_server: OtelgresProcess) -> AsyncIterator[Stage]:
    async with running_chat(one_server) as running:
        yield running


async def exchange(socket: ClientConnection, message: object) -> dict[str, Any]:
    await socket.send(message if isinstance(message, str) else json.dumps(message))
    reply: dict[str, Any] = json.loads(await socket.recv())
    return reply


async def test_a_question_over_http_is_one_trace_through_both_processes(stage: Stage) -> None:
    question = "How does a trace travel between services?"
    response = await stage.http.post("/chat", json={"message": question}, headers=PERSON)
    assert response.status_code == 200
    assert response.json()["sources"][0] == "tracing"
    assert "stub" in response.json()["answer"]
    stored = await stage.stored(response.headers["X-Trace-ID"], spans=8, logs=5)

    root: Tree = {("rag-app", "POST /chat", None), ("rag-app", "message_handler", "POST /chat")}
    assert stored.tree() == root | HANDLED
    assert len(stored.spans) == 8
    assert stored.columns("entry_point", "endpoint", "method", "status", "error_message") == {
        "entry_point": "http",
        "endpoint": "/chat",
        "method": "POST",
        "status": "completed",
        "error_message": None,
    }
    assert stored.columns("user_email", "department", "session_id") == {
        "user_email": "ada@example.com",
        "department": "engineering",
        "session_id": None,
    }
    assert stored.trace["duration_ms"] > 0

    assert stored.tags("cache_lookup")["cache.hit"] is False
    retrieved = stored.tags("rag_retrieve")
    assert retrieved["query_length"] == len(question)
    assert retrieved["chunks"] == len(response.json()["sources"])
    assert retrieved["gen_ai.operation.name"] == "retrieval"
    generated = stored.tags("llm_generate")
    assert generated["gen_ai.operation.name"] == "chat"
    assert generated["gen_ai.provider.name"] == "stub"
    assert generated["gen_ai.request.model"] == "stub-1"
    assert generated["gen_ai.usage.input_tokens"] > generated["gen_ai.usage.output_tokens"] > 0

    spans = {span["span_id"] for span in stored.spans}
    assert {log["logger_name"] for log in stored.logs} >= {
        "examples.rag_app.chat",
        "examples.rag_app.search_client",
        "examples.rag_app.generator",
        "examples.rag_app.retrieval",
    }
    for log in stored.logs:
        assert log["span_id"] in spans
        assert (log["user_email"], log["department"]) == ("ada@example.com", "engineering")
        of_the_second_process = log["logger_name"] == "examples.rag_app.retrieval"
        assert log["endpoint"] == (None if of_the_second_process else "/chat")

    again = await stage.http.post("/chat", json={"message": question.upper()}, headers=PERSON)
    assert again.json() == {**response.json(), "cached": True}
    assert again.headers["X-Trace-ID"] != response.headers["X-Trace-ID"]
    hit = await stage.stored(again.headers["X-Trace-ID"], spans=3)
    assert hit.tree() == root | {("rag-app", "cache_lookup", "message_handler")}
    assert hit.tags("cache_lookup")["cache.hit"] is True


async def test_the_views_have_what_a_chat_cost_and_took(stage: Stage) -> None:
    question = "What does a view over language models show, and to whom?"
    answers = [await stage.http.post("/chat", json={"message": question}, headers=PERSON) for _ in range(2)]
    ids = [answer.headers["X-Trace-ID"] for answer in answers]
    stored = await stage.stored(ids[0], spans=8)

    async def derived() -> list[Any] | None:
        # The look-up of the second chat comes last, with the person that its root names.
        query = "SELECT hit FROM enterprise.cache_lookups WHERE trace_id = $1 AND user_email = $2"
        hits = await stage.database.fetch(query, ids[1], "ada@example.com")
        query = "SELECT * FROM enterprise.llm_call_metrics WHERE trace_id = $1 AND user_email = $2"
        return (hits and await stage.database.fetch(query, ids[0], "ada@example.com")) or None

    async def seen() -> object:
        return await stage.database.fetch("SELECT * FROM enterprise.gen_ai_spans WHERE trace_id = ANY ($1)", ids)

    (call,) = await eventually(derived, seen)
    generated = stored.tags("llm_generate")
    assert (call["cost_usd"], call["cost_source"]) == (generated["operation.cost"], "reported")
    assert call["input_tokens"] == generated["gen_ai.usage.input_tokens"]
    assert (call["provider"], call["model"], call["department"]) == ("stub", "stub-1", "engineering")
    (retrieval,) = await stage.database.fetch("SELECT * FROM enterprise.rag_metrics WHERE trace_id = $1", ids[0])
    assert retrieval["documents"] == len(answers[0].json()["sources"])
    (span,) = [span for span in stored.spans if span["operation_name"] == "rag_retrieve"]
    assert retrieval["total_ms"] == span["duration_ms"]
    lookups = "SELECT hit FROM enterprise.cache_lookups WHERE trace_id = ANY ($1) ORDER BY timestamp"
    assert [row["hit"] for row in await stage.database.fetch(lookups, ids)] == [False, True]


async def test_every_http_response_names_its_trace(stage: Stage) -> None:
    for method, path, status, endpoint in (
        ("GET", "/health", 200, "/health"),
        ("GET", "/no-such-page?secret=1", 404, "/no-such-page"),
        ("GET", "/chat", 405, "/chat"),
        ("POST", "/chat", 422, "/chat"),
        ("GET", "/broken", 500, "/broken"),
        ("GET", "/broken", 500, "/broken"),
    ):
        response = await stage.http.request(method, path, headers=PERSON)
        assert response.status_code == status, path
        (trace_id,) = response.headers.get_list("X-Trace-ID")
        stored = await stage.stored(trace_id, spans=1, logs=1 if status == 500 else 0)
        columns = stored.columns("entry_point", "endpoint", "method", "user_email", "department", "status")
        assert columns == {
            "entry_point": "http",
            "endpoint": endpoint,
            "method": method,
            "user_email": "ada@example.com",
            "department": "engineering",
            "status": "completed" if status == 200 else "error",
        }, path

    assert "nobody handles this" in stored.trace["error_message"]
    (log,) = stored.logs
    assert (log["level"], log["exception_type"]) == ("ERROR", "RuntimeError")
    assert log["exception_message"] == "nobody handles this"
    assert "in broken" in log["exception_traceback"]
    assert (log["user_email"], log["endpoint"]) == ("ada@example.com", "/broken")
    # Logs come in order: what the server might say of the first failure is here before the second's log.
    unrelated = await stage.database.fetch(
        "SELECT message FROM enterprise.structured_logs WHERE trace_id IS NULL AND level = 'ERROR'"
    )
    assert unrelated == []


async def test_the_trace_that_a_caller_brings_is_continued_but_not_its_baggage(stage: Stage) -> None:
    trace_id = "5b8aa5a2d2c872e8321cf37308d69df2"
    brought = {
        "traceparent": f"00-{trace_id}-051581bf3cb55c13-01",
        "baggage": "session.id=forged",
    }
    response = await stage.http.post(
        "/chat", json={"message": "How do I drop old data without bloat?"}, headers=PERSON | brought
    )
    assert response.headers["X-Trace-ID"] == trace_id
    stored = await stage.stored(trace_id, spans=8, logs=5, over=False)
    assert {(log["user_email"], log["session_id"]) for log in stored.logs} == {("ada@example.com", None)}


async def test_each_websocket_message_is_a_trace_of_its_own(stage: Stage) -> None:
    async with stage.converse("s-81") as socket:
        early = await exchange(socket, {"type": "message", "text": "What is a runbook?"})
        verified = await exchange(socket, {"type": "verify", "email": "linus@example.com", "division": "operations"})
        answer = await exchange(
            socket, {"type": "message", "text": "Who renews the TLS certificates before they expire?"}
        )
        unknown = await exchange(socket, {"type": "dance"})
        garbage = await exchange(socket, "{")
    replies = [early, verified, answer, unknown, garbage]
    assert [reply["type"] for reply in replies] == ["answer", "verified", "answer", "error", "error"]
    assert len({reply["trace_id"] for reply in replies}) == len(replies)
    assert answer["sources"][0] == "tls-certificates"

    for reply, endpoint, email, department, status in (
        (early, "/ws/message", None, None, "completed"),
        (verified, "/ws/verify", "linus@example.com", "operations", "completed"),
        (answer, "/ws/message", "linus@example.com", "operations", "completed"),
        (unknown, "/ws/invalid", "linus@example.com", "operations", "error"),
        (garbage, "/ws/invalid", "linus@example.com", "operations", "error"),
    ):
        stored = await stage.stored(reply["trace_id"], spans=1, logs=1)
        columns = stored.columns(
            "entry_point", "endpoint", "method", "session_id", "user_email", "department", "status"
        )
        assert columns == {
            "entry_point": "websocket",
            "endpoint": endpoint,
            "method": None,
            "session_id": "s-81",
            "user_email": email,
            "department": department,
            "status": status,
        }
        for log in stored.logs:
            assert (log["session_id"], log["user_email"]) == ("s-81", email)

    stored = await stage.stored(answer["trace_id"], spans=8, logs=5)
    root: Tree = {("rag-app", "/ws/message", None), ("rag-app", "message_handler", "/ws/message")}
    assert stored.tree() == root | HANDLED
    assert len(stored.spans) == 8
    rows = await stage.database.fetch("SELECT trace_id FROM enterprise.traces WHERE entry_point = 'websocket'")
    assert {row["trace_id"] for row in rows} == {reply["trace_id"] for reply in replies}


async def test_a_generator_that_fails_twice_fails_the_trace(one_server: OtelgresProcess) -> None:
    async with running_chat(one_server, RAG_FAILURE_RATE="1") as stage:
        response = await stage.http.post("/chat", json={"message": "Who is on call?"}, headers=PERSON)
        assert response.status_code == 502
        stored = await stage.stored(response.headers["X-Trace-ID"], spans=9, logs=5)
        assert stored.trace["status"] == "error"
        attempts = [span for span in stored.spans if span["operation_name"] == "llm_generate"]
        assert [span["status"] for span in attempts] == ["error", "error"]
        assert all("overloaded" in span["error_message"] for span in attempts)
        assert {"WARNING", "ERROR"} <= {log["level"] for log in stored.logs}


async def test_the_demo_starts_everything_and_ctrl_c_stops_it(database: str, tmp_path: Path) -> None:
    names = (
        "OTELGRES_PORT",
        "OTELGRES_OTLP_GRPC_PORT",
        "OTELGRES_OTLP_HTTP_PORT",
        "RAG_PORT",
        "RAG_RETRIEVAL_PORT",
    )
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    environment = {
        **{name: value for name, value in plain_environment().items() if not name.startswith(("OTEL_", "RAG_"))},
        **{name: str(port) for name, port in ports.items()},
        "OTELGRES_DSN": database,
        "OTELGRES_WORKERS": "1",
    }
    output = tmp_path / "output"
    connection = await asyncpg.connect(database)

    async def seen() -> bool | None:
        query = "SELECT entry_point, services FROM enterprise.traces WHERE status = 'completed'"
        rows = await connection.fetch(query)
        both = any({"rag-app", "rag-retrieval"} <= set(row["services"]) for row in rows)
        return True if both and {"http", "websocket"} <= {row["entry_point"] for row in rows} else None

    async def printed() -> str:
        return output.read_text()

    with output.open("wb") as sink:
        demo = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.rag_app.demo", "--pause", "0.2"),
            cwd=ROOT,
            env=environment,
            stdout=sink,
            stderr=sink,
        )
        try:
            await eventually(seen, printed)
            page = f"http://127.0.0.1:{ports['OTELGRES_PORT']}/"
            assert page in await printed()
            async with httpx.AsyncClient() as http:
                assert (await http.get(page, follow_redirects=True)).status_code == 200
        finally:
            demo.send_signal(signal.SIGINT)
            code = await asyncio.wait_for(demo.wait(), 60)
            await connection.close()
    assert code == 0, await printed()
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
