"""TLS on every port, with real clients: versions, certificates of clients, and files that change under way."""

import asyncio
import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import httpx
import pytest
import trustme
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from tests import payloads
from tests.otelgres_process import OtelgresProcess, plain_environment
from tests.reachable import reachable_directory
from tests.rows import until
from tests.senders import PROTOBUF, GrpcSender

RELOADED = 10.0


class Files:
    """A certificate and its key, written as a person or a program would replace them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.cert, self.key = directory / "cert.pem", directory / "key.pem"
        self.authority = directory / "ca.pem"
        self.ca = trustme.CA()
        self.ca.cert_pem.write_to_path(str(self.authority))

    def issue(self) -> int:
        """A new certificate for 127.0.0.1; its serial number."""
        issued = self.ca.issue_cert("127.0.0.1", "localhost")
        for path, content in (
            (self.cert, b"".join(pem.bytes() for pem in issued.cert_chain_pems)),
            (self.key, issued.private_key_pem.bytes()),
        ):
            aside = path.with_suffix(".new")
            aside.write_bytes(content)
            aside.rename(path)
        return int(ssl_certificate(self.cert)["serialNumber"], 16)

    @property
    def settings(self) -> dict[str, str]:
        return {"OTELGRES_TLS_CERT": str(self.cert), "OTELGRES_TLS_KEY": str(self.key)}

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))


def ssl_certificate(path: Path) -> dict[str, Any]:
    decoded: dict[str, Any] = ssl._ssl._test_decode_cert(str(path))  # type: ignore[attr-defined]
    return decoded


@pytest.fixture
def files() -> Iterator[Files]:
    with reachable_directory() as directory:
        files = Files(directory)
        files.issue()
        yield files


def serial(port: int, context: ssl.SSLContext) -> int:
    """Of the certificate that a new connection is shown."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as shown,
    ):
        certificate = shown.getpeercert()
        assert certificate is not None
        return int(str(certificate["serialNumber"]), 16)


def ports(process: OtelgresProcess) -> tuple[int, int, int]:
    return process.port, process.otlp_http_port, process.otlp_grpc_port


def over_tls(process: OtelgresProcess, files: Files) -> grpc.aio.Channel:
    credentials = grpc.ssl_channel_credentials(files.authority.read_bytes())
    return grpc.aio.secure_channel(process.otlp_grpc_target, credentials)


async def send_by(channel: grpc.aio.Channel, service: str) -> bytes:
    body = payloads.spans(1, service=service).SerializeToString()
    answer: bytes = await channel.unary_unary(GrpcSender.METHODS["traces"])(body, timeout=10)
    return answer


def until_shown(process: OtelgresProcess, files: Files, expected: int) -> None:
    deadline = time.monotonic() + RELOADED
    for port in ports(process):
        while (shown := serial(port, files.trusting)) != expected:
            assert time.monotonic() < deadline, (port, shown, expected)
            time.sleep(0.05)


async def test_a_new_certificate_is_shown_to_new_connections_and_old_ones_go_on(
    server: Callable[..., OtelgresProcess], files: Files
) -> None:
    first = files.issue()
    process = await asyncio.to_thread(server, **files.settings)
    await asyncio.to_thread(until_shown, process, files, first)
    traces = f"https://127.0.0.1:{process.otlp_http_port}/v1/traces"
    ready = f"https://127.0.0.1:{process.port}/readyz"

    def request() -> bytes:
        return payloads.spans(1, service="by http").SerializeToString()

    async with (
        httpx.AsyncClient(verify=files.trusting) as to_http,
        httpx.AsyncClient(verify=files.trusting) as to_api,
        over_tls(process, files) as channel,
    ):
        assert (await to_http.post(traces, content=request(), headers=PROTOBUF)).status_code == 200
        assert (await to_api.get(ready)).status_code == 200
        assert await send_by(channel, "by grpc") == b""

        # A half-written pair changes nothing.
        await asyncio.to_thread(files.key.write_text, "no key")
        deadline = time.monotonic() + RELOADED
        while "the certificate stays as it was" not in process.output():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        for port in ports(process):
            assert await asyncio.to_thread(serial, port, files.trusting) == first

        second = files.issue()
        assert second != first
        await asyncio.to_thread(until_shown, process, files, second)
        assert await send_by(channel, "by grpc") == b""
        for kept in (await to_http.post(traces, content=request(), headers=PROTOBUF), await to_api.get(ready)):
            assert kept.status_code == 200
            shown = kept.extensions["network_stream"].get_extra_info("ssl_object").getpeercert()
            assert int(shown["serialNumber"], 16) == first
    assert "BEGIN" not in process.output()
    query = "SELECT count(*) FROM enterprise.trace_spans WHERE service_name = '{}'"
    for service in ("by http", "by grpc"):
        await until(process.dsn, query.format(service), 2)


def exported(exporter: SpanExporter) -> list[SpanExportResult]:
    """What an SDK's exporter says of one span."""
    results: list[SpanExportResult] = []
    export = exporter.export

    def heard(spans: Any) -> SpanExportResult:
        results.append(export(spans))
        return results[-1]

    exporter.export = heard  # type: ignore[method-assign]
    provider = TracerProvider(resource=Resource({"service.name": "sdk"}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    provider.get_tracer("t").start_span("s").end()
    provider.shutdown()
    return results


def test_sdks_send_over_tls_and_with_certificates_of_their_own_where_they_are_asked_for(
    receivers: Callable[..., OtelgresProcess], files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        # requests would take them instead of the file that it is given.
        monkeypatch.delenv(variable, raising=False)
    process = receivers(**files.settings, OTELGRES_TLS_CLIENT_CA=str(files.authority))
    own = files.ca.issue_cert("sender.example")
    cert, key = files.directory / "sender.pem", files.directory / "sender-key.pem"
    own.cert_chain_pems[0].write_to_path(str(cert))
    own.private_key_pem.write_to_path(str(key))
    authority = files.authority.read_bytes()
    with_own = grpc.ssl_channel_credentials(authority, key.read_bytes(), cert.read_bytes())
    by_grpc = GrpcExporter(f"https://{process.otlp_grpc_target}", credentials=with_own, timeout=10)
    by_http = HttpExporter(
        f"https://127.0.0.1:{process.otlp_http_port}/v1/traces",
        certificate_file=str(files.authority),
        client_certificate_file=str(cert),
        client_key_file=str(key),
    )
    for exporter in (by_grpc, by_http):
        assert exported(exporter) == [SpanExportResult.SUCCESS]

    stranger = files.trusting
    foreign = trustme.CA().issue_cert("sender.example")
    for context in (stranger, ssl.create_default_context(cafile=str(files.authority))):
        if context is not stranger:
            foreign.configure_cert(context)
        with (
            httpx.Client(verify=context) as client,
            pytest.raises((httpx.ReadError, httpx.RemoteProtocolError, httpx.ConnectError)),
        ):
            client.post(f"https://127.0.0.1:{process.otlp_http_port}/v1/traces", content=b"", headers=PROTOBUF)
    without = GrpcExporter(
        f"https://{process.otlp_grpc_target}", credentials=grpc.ssl_channel_credentials(authority), timeout=1
    )
    assert exported(without) == [SpanExportResult.FAILURE]


async def test_another_authority_for_clients_counts_at_once(
    receivers: Callable[..., OtelgresProcess], files: Files
) -> None:
    authorities = files.directory / "clients.pem"
    before, after = trustme.CA(), trustme.CA()
    before.cert_pem.write_to_path(str(authorities))
    process = await asyncio.to_thread(receivers, **files.settings, OTELGRES_TLS_CLIENT_CA=str(authorities))

    async def is_taken_by_grpc(authority: trustme.CA) -> bool:
        own = authority.issue_cert("sender.example")
        credentials = grpc.ssl_channel_credentials(
            files.authority.read_bytes(), own.private_key_pem.bytes(), own.cert_chain_pems[0].bytes()
        )
        # Else a channel that is there already would be used again.
        apart = (("grpc.use_local_subchannel_pool", 1),)
        async with grpc.aio.secure_channel(process.otlp_grpc_target, credentials, apart) as channel:
            try:
                await send_by(channel, "by grpc")
            except grpc.aio.AioRpcError as error:
                return error.code() is not grpc.StatusCode.UNAVAILABLE
        return True

    async def is_taken_by_http(authority: trustme.CA) -> bool:
        context = files.trusting
        authority.issue_cert("sender.example").configure_cert(context)
        return await asyncio.to_thread(is_answered, process, context)

    for is_taken in (is_taken_by_grpc, is_taken_by_http):
        assert (await is_taken(before), await is_taken(after)) == (True, False)
    after.cert_pem.write_to_path(str(authorities))
    for is_taken in (is_taken_by_grpc, is_taken_by_http):
        deadline = time.monotonic() + RELOADED
        while not await is_taken(after):
            assert time.monotonic() < deadline
        assert not await is_taken(before)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_of_an_authority_that_was_taken_away_is_not_resumed(
    receivers: Callable[..., OtelgresProcess], files: Files, version: ssl.TLSVersion
) -> None:
    """Resumed, it would go without a certificate."""
    authorities = files.directory / "clients.pem"
    before, after = trustme.CA(), trustme.CA()
    before.cert_pem.write_to_path(str(authorities))
    process = receivers(**files.settings, OTELGRES_TLS_CLIENT_CA=str(authorities))
    old, new = files.trusting, files.trusting
    before.issue_cert("sender.example").configure_cert(old)
    after.issue_cert("sender.example").configure_cert(new)
    old.minimum_version = old.maximum_version = version
    sessions: list[ssl.SSLSession | None] = []
    assert is_answered(process, old, sessions=sessions)
    after.cert_pem.write_to_path(str(authorities))
    deadline = time.monotonic() + RELOADED
    while not is_answered(process, new):
        assert time.monotonic() < deadline
    assert sessions != [None]
    assert not is_answered(process, old, sessions[0])


def is_answered(
    process: OtelgresProcess,
    context: ssl.SSLContext,
    session: ssl.SSLSession | None = None,
    sessions: list[ssl.SSLSession | None] | None = None,
) -> bool:
    """Whether a request by HTTP over a new connection is. sessions: what to resume it by is put there."""
    head = b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"
    try:
        with (
            socket.create_connection(("127.0.0.1", process.otlp_http_port), timeout=10) as connection,
            context.wrap_socket(connection, server_hostname="127.0.0.1", session=session) as sender,
        ):
            sender.sendall(head)
            answer = sender.recv(65536)
            if sessions is not None:
                sessions.append(sender.session)
    except (ssl.SSLError, ConnectionError):
        return False
    return answer.startswith(b"HTTP/1.1 200 ")


def test_nothing_older_than_tls_1_2_and_nothing_in_the_clear(
    server: Callable[..., OtelgresProcess], files: Files
) -> None:
    process = server(**files.settings)
    assert f"https://127.0.0.1:{process.port}/" in process.output()
    for port in ports(process):
        for version, spoken in (
            (ssl.TLSVersion.TLSv1, False),
            (ssl.TLSVersion.TLSv1_1, False),
            (ssl.TLSVersion.TLSv1_2, True),
            (ssl.TLSVersion.TLSv1_3, True),
        ):
            context = files.trusting
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "ssl.TLSVersion", DeprecationWarning)
                context.minimum_version = version
                context.maximum_version = version
            if spoken:
                assert serial(port, context)
            else:
                with pytest.raises(OSError):  # noqa: PT011 a version alert, or a closed connection
                    serial(port, context)
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{port}/", timeout=10)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("cert", "not a certificate in PEM and the key without password"),
        ("key", "not a certificate in PEM and the key without password"),
        ("other key", "not a certificate in PEM and the key without password"),
        ("no file", "No such file"),
        ("half", "go together"),
        ("client_ca", "OTELGRES_TLS_CLIENT_CA"),
    ],
)
def test_files_that_do_not_do_are_one_line_at_the_start(database: str, files: Files, broken: str, told: str) -> None:
    settings = files.settings
    if broken == "cert":
        files.cert.write_text("no certificate")
    elif broken == "key":
        files.key.write_text("no key")
    elif broken == "other key":
        trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(str(files.key))
    elif broken == "no file":
        files.cert.unlink()
    elif broken == "half":
        del settings["OTELGRES_TLS_KEY"]
    else:
        files.authority.write_text("nobody")
        settings["OTELGRES_TLS_CLIENT_CA"] = str(files.authority)
    finished = subprocess.run(
        [sys.executable, "-m", "server.cli", "serve"],
        env=plain_environment() | {"OTELGRES_DSN": database} | settings,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert finished.returncode == 2
    assert told in finished.stderr
    assert finished.stderr.count("\n") == 1
