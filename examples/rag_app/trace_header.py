"""The response header that names a request's trace."""

from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.propagators import ResponsePropagator
from opentelemetry.propagators.textmap import Setter, default_setter


class TraceIdHeader(ResponsePropagator):
    """Adds X-Trace-ID, 32 lowercase hex digits, to each response that the instrumentation sees.

    The instrumentation is the outermost layer: answers to unknown paths and unhandled errors have it too.
    """

    def inject(self, carrier: Any, context: Context | None = None, setter: Setter[Any] = default_setter) -> None:
        span_context = trace.get_current_span(context).get_span_context()
        if span_context.is_valid:
            setter.set(carrier, "X-Trace-ID", trace.format_trace_id(span_context.trace_id))
