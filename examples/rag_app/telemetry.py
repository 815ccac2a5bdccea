"""OpenTelemetry for one process, directed by the standard OTEL_* environment variables.

Nothing here knows where the telemetry goes: OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL
(grpc or http/protobuf, the default) say that, as for any other program.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import FastAPI
from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.instrumentation.asgi.types import ServerRequestHook
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.instrumentation.propagators import set_global_response_propagator
from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from examples.rag_app.trace_header import TraceIdHeader

LogHook = Callable[[trace.Span, logging.LogRecord], None]


@dataclass(frozen=True, slots=True)
class Telemetry:
    """The three providers of this process."""

    traces: TracerProvider
    logs: LoggerProvider
    metrics: MeterProvider

    def stop(self) -> None:
        """Sends what is still held in memory and ends the exporting threads; blocks."""
        self.traces.shutdown()
        self.metrics.shutdown()
        self.logs.shutdown()


def start(service_name: str, log_hook: LogHook | None = None) -> Telemetry:
    """Exports traces, logs and metrics of this process from now on.

    OTEL_SERVICE_NAME wins over service_name. log_hook MAY add attributes to each record logged within a span.
    """
    os.environ.setdefault("OTEL_SERVICE_NAME", service_name)
    resource = Resource.create()
    grpc = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc"
    span_exporter = GrpcSpanExporter() if grpc else HttpSpanExporter()
    log_exporter = GrpcLogExporter() if grpc else HttpLogExporter()
    metric_reader = PeriodicExportingMetricReader(GrpcMetricExporter() if grpc else HttpMetricExporter())

    telemetry = Telemetry(
        traces=TracerProvider(resource=resource),
        logs=LoggerProvider(resource=resource),
        metrics=MeterProvider(resource=resource, metric_readers=[metric_reader]),
    )
    telemetry.traces.add_span_processor(BatchSpanProcessor(span_exporter))
    telemetry.logs.add_log_record_processor(BatchLogRecordProcessor(log_exporter))
    trace.set_tracer_provider(telemetry.traces)
    set_logger_provider(telemetry.logs)
    metrics.set_meter_provider(telemetry.metrics)

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)-8s %(name)s: %(message)s")
    LoggingInstrumentor().instrument(log_hook=log_hook)
    SystemMetricsInstrumentor().instrument()
    HTTPXClientInstrumentor().instrument()
    return telemetry


def instrument(app: FastAPI, request_hook: ServerRequestHook = None, excluded_urls: str | None = None) -> None:
    """Gives each request of app a server span, and each response the header X-Trace-ID."""
    set_global_response_propagator(TraceIdHeader())  # type: ignore[no-untyped-call]
    FastAPIInstrumentor.instrument_app(
        app,
        server_request_hook=request_hook,
        excluded_urls=excluded_urls,
        exclude_spans=["receive", "send"],
    )
