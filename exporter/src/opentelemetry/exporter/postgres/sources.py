"""Which attributes fill which columns. New names come first, then the older ones that senders still use."""

from collections.abc import Iterable, Mapping

Facts = Mapping[str, object]

USER_NAMES = ("user.email", "user_email", "http.request.header.x_user_email")
USER_IF_ADDRESS = (
    "enduser.id",
    "user.id",
    "user.name",
    "traceloop.association.properties.user_email",
    "traceloop.association.properties.user_id",
)
SESSION_NAMES = (
    "session.id",
    "session_id",
    "langfuse.session.id",
    "traceloop.association.properties.session_id",
    "gen_ai.conversation.id",
)
DEPARTMENT_NAMES = ("user.department", "enduser.department", "department")
LOG_ENDPOINT_NAMES = ("endpoint", "http.route", "url.template", "url.path", "http.target")
STATUS_CODE_NAMES = ("http.response.status_code", "http.status_code")
EXCEPTION_NAMES = ("exception.type", "exception.message", "exception.stacktrace")

_HTTP_NAMES = ("http.request.method", "http.method", "http.route", "url.path", "http.target")
_MESSAGING_NAMES = (
    "messaging.system",
    "messaging.destination.template",
    "messaging.destination.name",
    "messaging.operation.type",
    "messaging.operation",
)
_ENTRY_NAMES = (
    *_HTTP_NAMES,
    *_MESSAGING_NAMES,
    "http.request.method_original",
    "url.template",
    "url.full",
    "http.url",
    "url.scheme",
    "http.scheme",
    "asgi.event.type",
    "network.protocol.name",
    "signalr.transport",
    "rpc.system.name",
    "rpc.system",
    "rpc.method",
    "rpc.service",
    "faas.trigger",
    "graphql.operation.type",
    "gen_ai.operation.name",
)

PERSON_NAMES = frozenset((*USER_NAMES, *USER_IF_ADDRESS, *SESSION_NAMES, *DEPARTMENT_NAMES))
SPAN_FACTS = frozenset((*PERSON_NAMES, *_ENTRY_NAMES, *STATUS_CODE_NAMES, "error.message", "error.type", "endpoint"))
LOG_FACTS = frozenset((*PERSON_NAMES, *LOG_ENDPOINT_NAMES, *EXCEPTION_NAMES))
_FACTS = SPAN_FACTS | LOG_FACTS

# An indexed column: a btree entry holds no more than 2,704 bytes. A longer value stays among the attributes.
MAX_PERSON_CHARACTERS = 512

SERVER, CONSUMER = 2, 5


def is_fact(key: str) -> bool:
    """Whether an attribute of this name may fill a column."""
    return key in _FACTS


def fact(key: str, value: object) -> object:
    """The value if it may fill a column, else None."""
    if key not in _FACTS or (key in USER_IF_ADDRESS and not (isinstance(value, str) and "@" in value)):
        return None
    return value


def as_text(value: object) -> str | None:
    """The textual form of a scalar, of the first element of a list (captured headers are lists); None for others."""
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, list):
        return as_text(value[0]) if value else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return None


def first(facts: Facts, names: Iterable[str]) -> tuple[str, str] | None:
    """The first of `names` that has a text, with that text."""
    for name in names:
        text = as_text(facts.get(name))
        if text is not None:
            return name, text
    return None


def _fits(found: tuple[str, str] | None) -> tuple[str, str] | None:
    return found if found is not None and len(found[1]) <= MAX_PERSON_CHARACTERS else None


def user(facts: Facts) -> tuple[str, str] | None:
    """The attribute that names the person by an address, and the address."""
    return _fits(first(facts, USER_NAMES)) or _fits(first(facts, USER_IF_ADDRESS))


def session(facts: Facts) -> tuple[str, str] | None:
    return _fits(first(facts, SESSION_NAMES))


def department(facts: Facts) -> tuple[str, str] | None:
    return first(facts, DEPARTMENT_NAMES)


def log_endpoint(facts: Facts) -> tuple[str, str] | None:
    found = first(facts, LOG_ENDPOINT_NAMES)
    if found is not None and found[0] == "http.target":
        return found[0], _path(found[1])
    return found


def is_websocket(facts: Facts) -> bool:
    return (
        as_text(facts.get("url.scheme")) in ("ws", "wss")
        or as_text(facts.get("http.scheme")) in ("ws", "wss")
        or str(facts.get("asgi.event.type", "")).startswith("websocket.")
        or facts.get("network.protocol.name") == "websocket"
        or facts.get("signalr.transport") == "web_sockets"
    )


def method(facts: Facts) -> str | None:
    """The HTTP method; None where the facts name none."""
    name = as_text(facts.get("http.request.method"))
    if name == "_OTHER":
        return as_text(facts.get("http.request.method_original")) or name
    return name or as_text(facts.get("http.method"))


def entry_point(facts: Facts, kind: int) -> str:
    if is_websocket(facts):
        return "websocket"
    if kind == SERVER and any(name in facts for name in _HTTP_NAMES):
        return "http"
    if "rpc.system.name" in facts or "rpc.system" in facts:
        return "rpc"
    if kind == CONSUMER and any(name in facts for name in _MESSAGING_NAMES):
        return "messaging"
    if "faas.trigger" in facts:
        return "faas"
    if "graphql.operation.type" in facts:
        return "graphql"
    if facts.get("gen_ai.operation.name") in ("invoke_agent", "invoke_workflow"):
        return "agent"
    return "internal"


def endpoint(facts: Facts, span_name: str) -> str:
    """The route before the raw path; never a query string, which may hold secrets."""
    if not facts:
        return span_name
    for name in ("endpoint", "http.route", "url.template", "url.path"):
        text = as_text(facts.get(name))
        if text is not None:
            return text
    target = as_text(facts.get("http.target"))
    if target is not None:
        return _path(target)
    url = as_text(facts.get("url.full")) or as_text(facts.get("http.url"))
    if url is not None:
        return _path(url)
    rpc = as_text(facts.get("rpc.method"))
    if rpc is not None:
        service = as_text(facts.get("rpc.service"))
        return f"{service}/{rpc}" if service is not None and "/" not in rpc else rpc
    found = first(facts, ("messaging.destination.template", "messaging.destination.name", "graphql.operation.type"))
    return found[1] if found is not None else span_name


def _path(target: str) -> str:
    """The path of a URL or request target, without query and fragment."""
    target = target.partition("?")[0].partition("#")[0]
    if "://" in target and not target.startswith("/"):
        target = "/" + target.partition("://")[2].partition("/")[2]
    return target


def http_status(facts: Facts) -> int | None:
    """The HTTP status answered, whatever type it was sent as."""
    found = first(facts, STATUS_CODE_NAMES)
    try:
        return int(float(found[1])) if found is not None else None
    except (ValueError, OverflowError):
        return None


def error_message(facts: Facts | None, status_message: str | None, exception: str | None) -> str | None:
    """The best text for an error: status message, exception, error attributes, 'HTTP <code>'."""
    if status_message or exception:
        return status_message or exception
    if not facts:
        return None
    found = first(facts, ("error.message", "error.type"))
    status = http_status(facts)
    if status is not None and (found is None or found[1] == str(status)):
        return f"HTTP {status}"
    return found[1] if found is not None else None
