"""What a search asks for, in the words of Jaeger's query API."""

import json
import re
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import HTTPException, Query
from pydantic import AfterValidator, Field

from database.ranges import EPOCH
from query_api.parameters import Now, Text, empty_is, without_nul
from query_api.search.arguments import Arguments
from query_api.search.errors import SearchError
from query_api.search.expression import And, Equals, Expression, Not, Or, Order, Term
from query_api.search.signals import TRACES
from query_api.searching import Search
from query_api.trace_filters import TraceFilters
from query_api.window import Window

LOOK_BACK = timedelta(days=2)
LONGEST_NS = 2**63
LATEST_US = 253_402_300_800 * 10**6
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "μs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PIECE = re.compile(r"(\d{1,19}(?:\.\d{0,9})?|\.\d{1,9})(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_DURATION = re.compile(f"(?:{_PIECE.pattern})+|0", re.ASCII)


def _nanoseconds(text: str) -> float:
    """Of a duration as Go writes it. Raises ValueError."""
    if not _DURATION.fullmatch(text):
        raise ValueError("must be a duration like 1.5s or 200ms (ns, us, ms, s, m, h)")
    total = sum(float(number) * _NANOSECONDS[unit] for number, unit in _PIECE.findall(text))
    if total >= LONGEST_NS:
        raise ValueError("must be less than 292 years")
    return total


def _is_duration(text: str) -> str:
    _nanoseconds(text)
    return text


def _is_pair(text: str) -> str:
    if ":" not in text:
        raise ValueError("must be key:value")
    return without_nul(text) or ""


def _is_object(text: str) -> str:
    if not isinstance(_tags(text), dict):
        raise ValueError('must be an object of JSON like {"error":"true"}')
    return text


def _tags(text: str) -> object:
    if "\\u0000" in text or "\0" in text:
        raise ValueError("must not contain the character U+0000, which no stored text has")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("must be JSON") from None


Microseconds = Annotated[Annotated[int, Field(ge=0, lt=LATEST_US)] | None, empty_is(None)]
Duration = Annotated[Annotated[str, AfterValidator(_is_duration)] | None, empty_is(None)]
Pairs = Annotated[list[Annotated[str, AfterValidator(_is_pair)]], Query(examples=[["error:true"]])]
Objects = Annotated[list[Annotated[str, AfterValidator(_is_object)]], Query(examples=[['{"http.route":"/"}']])]


async def asked_traces(
    now: Now,
    service: Text = None,
    operation: Text = None,
    start: Annotated[Microseconds, Query(description="Microseconds since 1970; two days back unless given.")] = None,
    end: Annotated[Microseconds, Query(description="Microseconds since 1970; now unless given.")] = None,
    min_duration: Annotated[Duration, Query(alias="minDuration", examples=["200ms"])] = None,
    max_duration: Annotated[Duration, Query(alias="maxDuration", examples=["1m30s"])] = None,
    tag: Pairs = [],  # noqa: B006 FastAPI copies it
    tags: Objects = [],  # noqa: B006 FastAPI copies it
) -> TraceFilters | None:
    """Traces with a span that is all that is asked for; None where no service is named. HTTPException 400."""
    if service is None:
        return None
    latest = now if end is None else EPOCH + timedelta(microseconds=end)
    earliest = latest - LOOK_BACK if start is None else EPOCH + timedelta(microseconds=start)
    if earliest >= latest:
        raise HTTPException(400, "start must be before end")
    terms: list[Expression] = [Term("service", Equals(service))]
    if operation is not None:
        terms.append(Term("name", Equals(operation)))
    if min_duration is not None:
        terms.append(Term("duration", Order(">=", _milliseconds(min_duration))))
    if max_duration is not None:
        terms.append(Term("duration", Order("<=", _milliseconds(max_duration))))
    wanted = dict(pair.split(":", 1) for pair in tag)
    for text in tags:
        wanted |= {str(key): _as_text(value) for key, value in json.loads(text).items()}
    terms += [_tagged(key, value) for key, value in wanted.items()]
    return TraceFilters(Window(earliest, latest), _search(And(tuple(terms)), now), None, None, None)


def _search(expression: Expression, now: datetime) -> Search:
    search = Search(TRACES, expression, now)
    try:
        search.condition({}, Arguments())
    except SearchError as error:
        raise HTTPException(400, str(error)) from None
    return search


def _tagged(key: str, value: str) -> Expression:
    """A span, its resource or its scope with this attribute, or what Jaeger tells as one."""
    match key, value:
        case ("error", "true") | ("otel.status_code", "ERROR"):
            return Term("status", Equals("error"))
        case ("error", "false"):
            return Not(Term("status", Equals("error")))
        case ("span.kind", _):
            return Term("kind", Equals(value))
        case ("otel.scope.name" | "otel.scope.version", _):
            return Term(key.removeprefix("otel."), Equals(value))
    if key in TRACES.columns:
        return Or((Term(f"attributes.{key}", Equals(value)), Term(f"resource.{key}", Equals(value))))
    return Term(key, Equals(value))


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _milliseconds(duration: str) -> str:
    return f"{_nanoseconds(duration):f}ns"
