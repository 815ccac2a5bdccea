"""What comes over HTTP, OTLP and what is translated to it, as an ASGI application."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from receiver.arrivals import Arrival
from receiver.cors import Cors, Fields
from receiver.http_answers import JSON, Answer
from receiver.inflate import ACCEPTED
from receiver.intake import Intake
from receiver.refusals import (
    NO_PROFILES,
    RETRY_AFTER_SECONDS,
    Forbidden,
    Refused,
    SlowBody,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unforeseen,
    UnknownPath,
    UnsupportedMedia,
    WrongMethod,
)
from receiver.telemetry import Telemetry
from receiver.ways import ANY, PROTOBUF, WAYS, Way

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]

_PREFIX = "/otlp"
_NO_CONTENT = 204
_PROFILES = "/v1development/profiles"
PAUSE_SECONDS = 10.0
BODY_SECONDS = 60.0


class HttpFront:
    """POST to the paths of WAYS, below /otlp too; OPTIONS for browsers.


    is_ours: whether a host is this one by a name that no stranger can have made one of ours. Pages that `cors` does not
    name send by such a host alone; None where a key is asked for, which those do not have.
    """

    def __init__(
        self, intake: Intake, telemetry: Telemetry, cors: Cors, is_ours: Callable[[str], bool] | None = None
    ) -> None:
        self._intake = intake
        self._telemetry = telemetry
        self._cors = cors
        self._is_ours = is_ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        path = _path(scope)
        if scope["method"] == "OPTIONS" and path in WAYS:
            await _send(send, Answer(200), [_ALLOW, *self._cors.preflight(headers)])
            return
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        extra: Fields = []
        arrival = Arrival("http", peer=(scope["client"] or ("", 0))[0])
        try:
            way = _way(path, scope["method"])
            arrival.signal = way.signal
            self._check_page(headers)
            permit = self._intake.door(way.signal, headers.get(b"authorization", b"").decode("latin-1"))
            form = way.format(content_type)
            body = await self._body(arrival.peer, headers, receive)
            for inflate in form.inflating(headers.get(b"content-encoding", b"").decode("latin-1")):
                body = await self._intake.inflated(arrival.peer, body, inflate)
            outcome = await self._intake.export(arrival, way.signal, body, translate=form.translate, permit=permit)
            self._telemetry.answered(arrival, outcome)
            answer = way.answers.success(way.signal, outcome, way.media(content_type))
        except _Gone:
            self._telemetry.abandoned(arrival)
            return
        except Refused as refused:
            answer, extra = self._refusal(arrival, refused, path, content_type)
        except asyncio.CancelledError:
            # At the end of a stop uvicorn cancels what is left, and answers 500, on which senders drop the data.
            answer, extra = self._refusal(arrival, Unavailable("shutting down"), path, content_type)
        except Exception as error:  # noqa: BLE001
            answer, extra = self._refusal(arrival, Unforeseen.by(error), path, content_type)
        await _send(send, answer, [*extra, *self._cors.fields(headers)])

    def _check_page(self, headers: Headers) -> None:
        """Browsers name the page with what it sends. One whose host was made to lead here is no other site to them."""
        origin = headers.get(b"origin")
        if origin is None or self._is_ours is None or self._cors.allows(origin):
            return
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._is_ours(host):
            raise Forbidden(f"pages may not send to the host {host[:100]!r}; OTELGRES_ALLOWED_HOSTS can add it")

    def _refusal(self, arrival: Arrival, refused: Refused, path: str, content_type: str) -> tuple[Answer, Fields]:
        self._telemetry.refused(arrival, refused)
        way = WAYS.get(path, ANY)
        return way.answers.refusal(refused, way.media(content_type)), _headers_of(refused)

    async def _body(self, peer: str, headers: Headers, receive: Receive) -> bytes:
        limit = self._intake.limits.max_request_bytes
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            raise TooLarge(f"the request is larger than {limit} bytes")
        chunks: list[bytes] = []
        size = held = 0
        more = True
        loop = asyncio.get_running_loop()
        last = loop.time() + BODY_SECONDS
        try:
            async with asyncio.timeout(PAUSE_SECONDS) as patience:
                while more:
                    event = await receive()
                    if event["type"] == "http.disconnect":
                        raise _Gone
                    chunk = event.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge(f"the request is larger than {limit} bytes")
                    chunks.append(chunk)
                    more = event.get("more_body", False)
                    if more:
                        self._intake.admission.take(peer, len(chunk))
                        held += len(chunk)
                        patience.reschedule(min(loop.time() + PAUSE_SECONDS, last))
        except TimeoutError:
            raise SlowBody("the request's body did not come in time") from None
        finally:
            self._intake.admission.give(peer, held)
        return b"".join(chunks)


class _Gone(Exception):
    """The sender hung up before its request was complete."""


_ALLOW = (b"allow", b"POST, OPTIONS")


def _path(scope: Scope) -> str:
    """Without a slash at its end, which many senders add, and without the prefix that some products want."""
    path: str = scope["path"].rstrip("/") or "/"
    return path.removeprefix(_PREFIX) if path.startswith(f"{_PREFIX}/") else path


def _way(path: str, method: str) -> Way:
    way = WAYS.get(path)
    if path == _PROFILES:
        raise UnknownPath(NO_PROFILES)
    if way is None:
        raise UnknownPath(f"nothing is received at {path[:200]}: POST to {', '.join(WAYS)}")
    if method != "POST":
        raise WrongMethod(f"{path} takes POST only")
    return way


def _headers_of(refused: Refused) -> Fields:
    extra: Fields = []
    if refused.retryable:
        extra.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    elif isinstance(refused, WrongMethod):
        extra.append(_ALLOW)
    elif isinstance(refused, Unauthenticated):
        extra.append((b"www-authenticate", b"Bearer"))
    elif isinstance(refused, UnsupportedMedia):
        extra += [(b"accept", f"{PROTOBUF}, {JSON}".encode()), (b"accept-encoding", ACCEPTED.encode())]
    if isinstance(refused, SlowBody | TooLarge):
        extra.append((b"connection", b"close"))
    return extra


async def _send(send: Send, answer: Answer, headers: Iterable[tuple[bytes, bytes]]) -> None:
    fields = [*headers]
    if answer.content_type:
        fields.append((b"content-type", answer.content_type.encode()))
    if answer.status != _NO_CONTENT:
        fields.append((b"content-length", str(len(answer.content)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": fields})
    await send({"type": "http.response.body", "body": answer.content})
