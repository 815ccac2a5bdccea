"""Who asks: known at the edge, carried as baggage to every log record, also of the second process."""

import logging
from dataclasses import dataclass
from typing import Any

from opentelemetry import baggage, context, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.semconv.attributes.http_attributes import HTTP_ROUTE
from starlette.datastructures import Headers

_EMAIL, _DEPARTMENT, _SESSION = "user.email", "user.department", "session.id"
_ENDPOINT = context.create_key("endpoint")


@dataclass(frozen=True, slots=True)
class Caller:
    """A person as far as known."""

    email: str | None = None
    department: str | None = None
    session_id: str | None = None

    def attributes(self) -> dict[str, str]:
        """Span attributes; what is not known is left out."""
        known = {_EMAIL: self.email, _DEPARTMENT: self.department, _SESSION: self.session_id}
        return {name: value for name, value in known.items() if value}

    def within(self, parent: Context, endpoint: str | None) -> Context:
        """A context that carries this caller, and none of the baggage that parent may have from outside."""
        carried = baggage.clear(parent)
        for name, value in self.attributes().items():
            carried = baggage.set_baggage(name, value, carried)
        return context.set_value(_ENDPOINT, endpoint, carried)


def identify(span: trace.Span, scope: dict[str, Any]) -> None:
    """Request hook of the ASGI instrumentation: the caller by the request's headers.

    The context attached here is left when the instrumentation leaves the span that it made current before.
    """
    headers = Headers(scope=scope)
    caller = Caller(email=headers.get("x-user-email"), department=headers.get("x-user-department"))
    span.set_attributes(caller.attributes())
    attributes = (span.attributes if isinstance(span, ReadableSpan) else None) or {}
    route = attributes.get(HTTP_ROUTE)
    context.attach(caller.within(context.get_current(), str(route) if route else None))


def tell_caller(span: trace.Span, record: logging.LogRecord) -> None:
    """Log hook: gives each record the caller and the endpoint as attributes."""
    carried = baggage.get_all()
    for name in (_EMAIL, _DEPARTMENT, _SESSION):
        if name in carried:
            setattr(record, name, carried[name])
    if endpoint := context.get_value(_ENDPOINT):
        record.endpoint = endpoint
