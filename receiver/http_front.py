"""OTLP over HTTP, protobuf and JSON, as an ASGI application.

Every answer other than success carries a google.rpc.Status in the request's encoding.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from opentelemetry.exporter.postgres.batch import Signal

from receiver import answers
from receiver.arrivals import Arrival
from receiver.cors import Cors, Fields
from receiver.inflate import ACCEPTED
from receiver.intake import Intake
from receiver.refusals import (
    NO_PROFILES,
    RETRY_AFTER_SECONDS,
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

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_MEDIA = {PROTOBUF: False, "application/protobuf": False, JSON: True}
PATHS = {"/v1/traces": Signal.TRACES, "/v1/logs": Signal.LOGS, "/v1/metrics": Signal.METRICS}
_PREFIX = "/otlp"
_PROFILES = "/v1development/profiles"
PAUSE_SECONDS = 10.0
BODY_SECONDS = 60.0


class OtlpHttp:
    """POST /v1/traces, /v1/logs and /v1/metrics, below /otlp too; OPTIONS for browsers."""

    def __init__(self, intake: Intake, telemetry: Telemetry, cors: Cors) -> None:
        self._intake = intake
        self._telemetry = telemetry
        self._cors = cors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        if scope["method"] == "OPTIONS" and _path(scope) in PATHS:
            await _send(send, 200, b"", [_ALLOW, *self._cors.preflight(headers)])
            return
        media = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        as_json = _MEDIA.get(media, True)
        extra: Fields = []
        arrival = Arrival("http", peer=(scope["client"] or ("", 0))[0])
        try:
            signal = arrival.signal = _signal(scope)
            permit = self._intake.door(signal, headers.get(b"authorization", b"").decode("latin-1"))
            if media not in _MEDIA:
                raise UnsupportedMedia(f"Content-Type {media[:100]!r} is not supported; send {PROTOBUF} or {JSON}")
            body = await self._body(arrival.peer, headers, receive)
            outcome = await self._intake.export(arrival, signal, body, as_json=as_json, permit=permit)
            self._telemetry.answered(arrival, outcome)
            status = 200
            content = answers.success_json(signal, outcome) if as_json else answers.success(outcome)
        except _Gone:
            self._telemetry.abandoned(arrival)
            return
        except Refused as refused:
            status, content, extra = self._refusal(arrival, refused, as_json)
        except asyncio.CancelledError:
            # At the end of a stop uvicorn cancels what is left, and answers 500, on which senders drop the data.
            status, content, extra = self._refusal(arrival, Unavailable("shutting down"), as_json)
        except Exception as error:  # noqa: BLE001
            status, content, extra = self._refusal(arrival, Unforeseen.by(error), as_json)
        # The Collector and Go compare this header with what they sent, to the letter.
        content_type = media.encode() if media in _MEDIA else JSON.encode()
        await _send(send, status, content, [(b"content-type", content_type), *extra, *self._cors.fields(headers)])

    def _refusal(self, arrival: Arrival, refused: Refused, as_json: bool) -> tuple[int, bytes, Fields]:
        self._telemetry.refused(arrival, refused)
        content = answers.refusal_json(refused) if as_json else answers.refusal(refused)
        return refused.http_status, content, _headers_of(refused)

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
        body = b"".join(chunks)
        encoding = headers.get(b"content-encoding")
        if encoding is None:
            return body
        return await self._intake.inflated(peer, body, encoding.decode("latin-1"))


class _Gone(Exception):
    """The sender hung up before its request was complete."""


_ALLOW = (b"allow", b"POST, OPTIONS")


def _path(scope: Scope) -> str:
    """Without a slash at its end, which many senders add, and without the prefix that some products want."""
    path: str = scope["path"].rstrip("/") or "/"
    return path.removeprefix(_PREFIX) if path.startswith(f"{_PREFIX}/") else path


def _signal(scope: Scope) -> Signal:
    path = _path(scope)
    signal = PATHS.get(path)
    if path == _PROFILES:
        raise UnknownPath(NO_PROFILES)
    if signal is None:
        raise UnknownPath(f"nothing is received at {path[:200]}: POST to /v1/traces, /v1/logs or /v1/metrics")
    if scope["method"] != "POST":
        raise WrongMethod(f"{path} takes POST only")
    return signal


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


async def _send(send: Send, status: int, content: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": content})
