"""OTLP over HTTP, protobuf and JSON, as an ASGI application.

Every answer other than success carries a google.rpc.Status in the request's encoding.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from opentelemetry.exporter.postgres.batch import Signal

from receiver import answers
from receiver.inflate import ACCEPTED, inflate
from receiver.intake import Intake
from receiver.refusals import (
    RETRY_AFTER_SECONDS,
    Refused,
    TooLarge,
    Unavailable,
    UnknownPath,
    UnsupportedMedia,
    WrongMethod,
)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_MEDIA = {PROTOBUF: False, "application/protobuf": False, JSON: True}
_SIGNALS = {"/v1/traces": Signal.TRACES, "/v1/logs": Signal.LOGS, "/v1/metrics": Signal.METRICS}
_log = logging.getLogger(__name__)


class OtlpHttp:
    """POST /v1/traces, /v1/logs and /v1/metrics."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        media = headers.get(b"content-type", b"").decode("latin-1").partition(";")[0].strip().lower()
        as_json = _MEDIA.get(media, True)
        extra: list[tuple[bytes, bytes]] = []
        try:
            signal = _signal(scope)
            self._intake.authenticate(headers.get(b"authorization", b"").decode("latin-1"))
            if media not in _MEDIA:
                raise UnsupportedMedia(f"Content-Type {media[:100]!r} is not supported; send {PROTOBUF} or {JSON}")
            body = await self._body(headers, receive)
            outcome = await self._intake.export(signal, body, as_json=as_json)
            status = 200
            content = answers.success_json(signal, outcome) if as_json else answers.success(outcome)
        except Refused as refused:
            status, content, extra = _refusal(refused, as_json)
        except _Gone:
            return
        except Exception:  # noqa: BLE001 - an unforeseen error must leave as retryable, or the sender drops the data
            _log.exception("an Export request failed")
            status, content, extra = _refusal(Unavailable("internal error"), as_json)
        # The Collector and Go compare this header with what they sent, to the letter.
        content_type = media.encode() if media in _MEDIA else JSON.encode()
        await _send(send, status, content, [(b"content-type", content_type), *extra])

    async def _body(self, headers: Headers, receive: Receive) -> bytes:
        limit = self._intake.limits.max_request_bytes
        announced = headers.get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > limit:
            raise TooLarge(f"the request is larger than {limit} bytes")
        chunks: list[bytes] = []
        size = 0
        more = True
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
        body = b"".join(chunks)
        encoding = headers.get(b"content-encoding")
        if encoding is None:
            return body
        return await asyncio.to_thread(inflate, body, encoding.decode("latin-1"), limit)


class _Gone(Exception):
    """The sender hung up before its request was complete."""


def _signal(scope: Scope) -> Signal:
    path = scope["path"].rstrip("/") or "/"
    signal = _SIGNALS.get(path)
    if signal is None:
        raise UnknownPath(f"nothing is received at {path[:200]}: POST to /v1/traces, /v1/logs or /v1/metrics")
    if scope["method"] != "POST":
        raise WrongMethod(f"{path} takes POST only")
    return signal


def _refusal(refused: Refused, as_json: bool) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    extra: list[tuple[bytes, bytes]] = []
    if refused.retryable:
        extra.append((b"retry-after", str(RETRY_AFTER_SECONDS).encode()))
    elif isinstance(refused, WrongMethod):
        extra.append((b"allow", b"POST"))
    elif isinstance(refused, UnsupportedMedia):
        extra += [(b"accept", f"{PROTOBUF}, {JSON}".encode()), (b"accept-encoding", ACCEPTED.encode())]
    elif isinstance(refused, TooLarge):
        extra.append((b"connection", b"close"))
    content = answers.refusal_json(refused) if as_json else answers.refusal(refused)
    return refused.http_status, content, extra


async def _send(send: Send, status: int, content: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
    length = (b"content-length", str(len(content)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": content})
