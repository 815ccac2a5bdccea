"""The largest things senders send: answered, within bounds of memory, while small requests are served.

EXTREMES=full takes the sizes that are promised (`make extremes`); without it they are smaller.
"""

import gzip
import os
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import psutil
import pytest

from tests import rows
from tests.acceptance.checklist.cases import NOW, Mark, logs, pair, record, span, spans
from tests.acceptance.checklist.encode import LENGTH_DELIMITED, encode
from tests.acceptance.checklist.encode import field as raw_field
from tests.conftest import copied, run
from tests.otelgres_process import OtelgresProcess
from tests.senders import PROTOBUF

FULL = os.environ.get("EXTREMES") == "full"
MIB = 1 << 20
MAX_RSS = 700 * MIB
MAX_WAIT = 1.0 if FULL else 3.0
"""Seconds that a small request may take. The short forms run beside other work."""
BOMB = (512 if FULL else 128) * MIB
REQUEST = (63 if FULL else 16) * MIB
SPANS = 100_000 if FULL else 20_000
LINE = 20_000_000
SECONDS = 60.0


@dataclass
class Watch:
    """Small requests one after the other, and the receiver's memory, while something large is under way."""

    process: OtelgresProcess
    waits: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    rss: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> "Watch":
        self._threads = [threading.Thread(target=work) for work in (self._send, self._measure)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        with httpx.Client(base_url=self.process.otlp_http_url, timeout=SECONDS) as client:
            while not self._end.wait(0.02):
                body = encode("logs", logs(Mark(), record(timeUnixNano=str(time.time_ns()))))
                began = time.monotonic()
                answer = client.post("/v1/logs", content=body, headers=PROTOBUF)
                self.waits.append(time.monotonic() - began)
                if answer.status_code != 200:
                    self.refused.append(answer.status_code)

    def _measure(self) -> None:
        receivers = [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if "server.worker" in child.cmdline()
        ]
        assert receivers
        while not self._end.wait(0.01):
            self.rss = max(self.rss, *(receiver.memory_info().rss for receiver in receivers))

    def verify(self, what: str, seconds: float) -> None:
        """Prints the figures and checks the bounds."""
        print(f"{what}: {seconds:.2f} s, receiver {self.rss / MIB:.0f} MiB, small requests {len(self.waits)}, ", end="")
        print(f"slowest {max(self.waits):.3f} s, refused {self.refused}")
        assert not self.refused
        assert max(self.waits) < MAX_WAIT
        assert self.rss < MAX_RSS


@pytest.fixture
def receiver(postgres_dsn: str, template_database: str) -> Iterator[OtelgresProcess]:
    for dsn in copied(postgres_dsn, template_database):
        process = OtelgresProcess({"OTELGRES_DSN": dsn})
        try:
            yield process
        finally:
            process.close()


def large(receiver: OtelgresProcess, what: str, path: str, body: bytes, **headers: str) -> httpx.Response:
    """Sends it, again while it is told to, and checks the bounds."""
    with Watch(receiver) as watch:
        began = time.monotonic()
        while True:
            named = PROTOBUF | {name.replace("_", "-"): value for name, value in headers.items()}
            answer = httpx.post(receiver.otlp_http_url + path, content=body, headers=named, timeout=SECONDS)
            if answer.status_code != 503 or time.monotonic() - began > SECONDS:
                break
        seconds = time.monotonic() - began
    watch.verify(what, seconds)
    return answer


def count(receiver: OtelgresProcess, mark: Mark, table: str = "trace_spans") -> int:
    found: int = run(
        rows.value(receiver.dsn, f"SELECT count(*) FROM enterprise.{table} WHERE service_name = $1", mark.service)
    )
    return found


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    parts = [packer.compress(bytes(MIB)) for _ in range(size // MIB)]
    return b"".join((*parts, packer.flush()))


def request(mark: Mark, items: list[bytes]) -> bytes:
    """A request of encoded spans."""
    scopes = raw_field(2, LENGTH_DELIMITED, b"".join(raw_field(2, LENGTH_DELIMITED, item) for item in items))
    return raw_field(1, LENGTH_DELIMITED, raw_field(1, LENGTH_DELIMITED, encode("Resource", mark.resource)) + scopes)


def many(mark: Mark, size: int, a_trace: int) -> list[bytes]:
    """Encoded spans of about 500 bytes, `size` bytes in all, `a_trace` of them in each trace."""
    attributes = [pair(f"key.{number}", stringValue="value " * 5) for number in range(8)]
    common = encode("Span", span(mark, traceId=None, spanId=None, attributes=attributes))
    items = []
    for number in range(size // (len(common) + 28)):
        trace_id = (number // a_trace + 1).to_bytes(16)
        items.append(encode("Span", {"traceId": trace_id, "spanId": (number + 1).to_bytes(8)}) + common)
    return items


def test_a_bomb(receiver: OtelgresProcess) -> None:
    answer = large(receiver, f"a gzip bomb of {BOMB // MIB} MiB", "/v1/traces", bomb(BOMB), content_encoding="gzip")
    assert answer.status_code == 413


@pytest.mark.parametrize("a_trace", [1, 10])
def test_a_request_full_of_spans(receiver: OtelgresProcess, a_trace: int) -> None:
    mark = Mark()
    items = many(mark, REQUEST, a_trace)
    body = request(mark, items)
    what = f"{len(body) / MIB:.0f} MiB, {len(items)} spans, {a_trace} a trace"
    answer = large(receiver, what, "/v1/traces", gzip.compress(body, 1), content_encoding="gzip")
    assert (answer.status_code, answer.content) == (200, b"")
    assert count(receiver, mark) == len(items)


def test_a_span_of_ten_thousand_attributes(receiver: OtelgresProcess) -> None:
    mark = Mark()
    attributes = [pair(f"key {number}", stringValue=f"value {number}") for number in range(10_000)]
    body = encode("traces", spans(mark, span(mark, attributes=attributes)))
    answer = large(receiver, "a span of 10,000 attributes", "/v1/traces", body)
    assert (answer.status_code, answer.content) == (200, b"")
    (found,) = run(
        rows.fetch(receiver.dsn, "SELECT tags FROM enterprise.trace_spans WHERE trace_id = $1", mark.trace_id)
    )
    assert found["tags"] == {f"key {number}": f"value {number}" for number in range(10_000)}


def test_a_trace_of_very_many_spans(receiver: OtelgresProcess) -> None:
    mark = Mark()
    items = [encode("Span", span(mark, startTimeUnixNano=NOW + number)) for number in range(SPANS)]
    answer = large(receiver, f"a trace of {SPANS} spans", "/v1/traces", request(mark, items))
    assert (answer.status_code, answer.content) == (200, b"")
    assert count(receiver, mark) == SPANS
    read = httpx.get(f"{receiver.url}/api/observability/traces/{mark.trace_id}", timeout=SECONDS)
    assert len(read.json()["spans"]) == SPANS


def test_a_very_long_line(receiver: OtelgresProcess) -> None:
    mark = Mark()
    line = "a long line " * (LINE // 12)
    body = encode("logs", logs(mark, record(body={"stringValue": line})))
    answer = large(receiver, f"a line of {LINE // 10**6} MB", "/v1/logs", body)
    assert (answer.status_code, answer.content) == (200, b"")
    (found,) = run(
        rows.fetch(receiver.dsn, "SELECT message FROM enterprise.structured_logs WHERE service_name = $1", mark.service)
    )
    assert found["message"] == line
