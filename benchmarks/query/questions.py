"""What is asked of the read API, and the marks that some questions have."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.query.catalogue import RARE_WORD, WORDS
from benchmarks.query.drawing import Drawing
from benchmarks.query.filling import WIDE_TRACE


@dataclass(frozen=True)
class Question:
    """url: path and parameters, with other values each time. mark_ms: where 95 of 100 should stay below, warm."""

    name: str
    url: Callable[[Drawing], str]
    mark_ms: float | None = None


def _get(path: str, **parameters: object) -> str:
    return f"/api/observability{path}?{urlencode(parameters)}"


def _logs_of_order(drawing: Drawing, **times: str) -> str:
    return _get("/logs", q=f"order.id:{drawing.order()}", **times)


def _traces_of_order(drawing: Drawing, **times: str) -> str:
    return _get("/traces", q=f"order.id:{drawing.order()}", total=False, **times)


QUESTIONS = (
    Question("newest 100 logs", lambda d: _get("/logs"), 30),
    Question("newest 100 errors", lambda d: _get("/logs", level="ERROR")),
    Question("newest 100 logs of a service", lambda d: _get("/logs", q=f"service:{d.service()}")),
    Question("100 logs after 10,000", lambda d: _get("/logs", offset=10_000)),
    Question("newest 50 traces with an error", lambda d: _get("/traces", status="error", total=False), 50),
    Question("newest 50 traces of a user", lambda d: _get("/traces", user_email=d.user(), total=False), 50),
    Question("newest 50 traces over 1 s", lambda d: _get("/traces", min_duration_ms=1000, total=False), 50),
    Question(
        "newest 50 traces with a slow span of a service",
        lambda d: _get("/traces", q=f"service:{d.service()} duration:>500ms", total=False),
        50,
    ),
    Question("newest 50 traces and their number, 24 h", lambda d: _get("/traces", status="error")),
    Question("a rare word, 24 h sealed", lambda d: _get("/logs", search=RARE_WORD, **d.sealed_day()), 300),
    Question("a rare word, last 24 h", lambda d: _get("/logs", search=RARE_WORD, **d.last_day())),
    Question("a rare word, the tail", lambda d: _get("/logs", search=RARE_WORD, **d.tail())),
    Question("a common word, last 24 h", lambda d: _get("/logs", search=d.random.choice(WORDS), **d.last_day())),
    Question("logs of an order, 24 h sealed", lambda d: _logs_of_order(d, **d.sealed_day()), 500),
    Question("logs of an order, last 24 h", lambda d: _logs_of_order(d, **d.last_day())),
    Question("logs of an order, the tail", lambda d: _logs_of_order(d, **d.tail())),
    Question(
        "traces of an order, 24 h sealed",
        lambda d: _traces_of_order(d, **d.sealed_day()),
        500,
    ),
    Question(
        "traces of an order, last 24 h",
        lambda d: _traces_of_order(d, **d.last_day()),
    ),
    Question("traces of an order, the tail", lambda d: _traces_of_order(d, **d.tail())),
    Question("logs by level, 24 h", lambda d: _get("/logs/stats/levels")),
    Question("histogram of logs, 24 h", lambda d: _get("/logs/stats/histogram")),
    Question(
        "histogram of a rare word, 24 h sealed",
        lambda d: _get("/logs/stats/histogram", q=RARE_WORD, **d.sealed_day()),
    ),
    Question("a trace by its id", lambda d: f"/api/observability/traces/{d.trace()}", 20),
    Question("the tree of a trace", lambda d: f"/api/observability/traces/{d.trace()}/tree"),
    Question("the first page of the tree of 10,000 spans", lambda d: _get(f"/traces/{WIDE_TRACE}/tree"), 150),
    Question("links of a trace, both ways", lambda d: f"/api/observability/traces/{d.trace()}/links"),
    Question("newest 50 spans", lambda d: _get("/spans")),
    Question(
        "newest 50 spans of a service with an error", lambda d: _get("/spans", service=d.service(), status="error")
    ),
    Question("spans of an order, 24 h sealed", lambda d: _get("/spans", q=f"order.id:{d.order()}", **d.sealed_day())),
    Question("rate, errors and durations of all services, 24 h", lambda d: _get("/services/red"), 200),
    Question("rate, errors and durations of a service, 24 h", lambda d: _get("/services/red", service=d.service())),
    Question("the list of services, 24 h", lambda d: _get("/services"), 200),
    Question("the list of services, 7 days", lambda d: _get("/services", hours=168)),
    Question("operations of a service, 24 h", lambda d: _get(f"/services/{d.service()}/operations")),
    Question("durations of a service, 24 h", lambda d: _get("/services/latency", service=d.service())),
    Question("the map of services, 24 h", lambda d: _get("/services/map"), 300),
    Question("the map of services, 7 days", lambda d: _get("/services/map", hours=168)),
    Question("figures of traces, 24 h", lambda d: _get("/traces/stats/summary")),
    Question("figures of traces, 7 days", lambda d: _get("/traces/stats/summary", hours=168)),
    Question("logs of a trace, all days", lambda d: _get("/logs", trace_id=d.trace(), **d.all_days())),
    Question("a log by its id", lambda d: f"/api/observability/logs/{d.log()}"),
    Question("what was around a log", lambda d: f"/api/observability/logs/{d.log()}/context"),
)
