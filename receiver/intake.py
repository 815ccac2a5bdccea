"""What both transports do with a request: decode it, hand it to the writer, say what became of it."""

import asyncio
import logging
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol

from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.faults import Unavailable as WriterUnavailable
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request, make_request
from opentelemetry.exporter.postgres.wire import DecodeError

from receiver.metrics import count_points, count_points_json
from receiver.otlp_json import transcode
from receiver.refusals import Invalid, Unauthenticated, Unavailable

LARGE = 1 << 20
_log = logging.getLogger(__name__)


class RequestWriter(Protocol):
    """Where requests go. write() MUST return only after the request is durable."""

    async def write(self, request: Request) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """max_request_bytes: after decompression. token: what senders must present, or None when all are welcome."""

    max_request_bytes: int
    token: str | None = None


class Intake:
    """The one entry for Export requests of every transport and encoding."""

    def __init__(self, writer: RequestWriter, decoder: Decoder, limits: Limits) -> None:
        self._writer = writer
        self._decoder = decoder
        self._large_decoder = Decoder()
        self._large = asyncio.Semaphore(1)
        self.limits = limits
        self.points = 0

    def authenticate(self, authorization: str | None) -> None:
        """Raises Unauthenticated unless the header carries the token, where one is asked for."""
        if self.limits.token is None:
            return
        scheme, _, presented = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(presented.strip().encode(), self.limits.token.encode()):
            raise Unauthenticated("send the ingest token: Authorization: Bearer <token>")

    async def export(self, signal: Signal, body: bytes, *, as_json: bool = False) -> Outcome:
        """Stores one Export request. Returns after its commit; raises Refused."""
        try:
            if signal is Signal.METRICS:
                return self._count(body, as_json)
            if not body and not as_json:
                return Outcome()
            request = await self._decode(signal, body, as_json)
            if not request.batch.rows:
                return Outcome(request.batch.rejected, request.batch.message)
            return await self._writer.write(request)
        except WriterUnavailable as error:
            raise Unavailable(str(error)) from None
        except DecodeError as error:
            raise Invalid(f"not an OTLP {signal.name.lower()} request: {error}") from None
        except ValueError as error:
            raise Invalid(str(error)) from None

    async def _decode(self, signal: Signal, body: bytes, as_json: bool) -> Request:
        """Large requests are decoded one at a time and beside the event loop, so that small ones are still served."""
        if len(body) < LARGE:
            return _request(self._decoder, signal, body, as_json)
        async with self._large:
            return await asyncio.to_thread(_request, self._large_decoder, signal, body, as_json)

    def _count(self, body: bytes, as_json: bool) -> Outcome:
        if not self.points:
            _log.warning("metrics are accepted and counted, but not stored by this version")
        self.points += count_points_json(body) if as_json else count_points(body)
        return Outcome()


def _request(decoder: Decoder, signal: Signal, body: bytes, as_json: bool) -> Request:
    if not as_json:
        return make_request(decoder, signal, body)
    transcoded = transcode(signal.name.lower(), body)
    request = make_request(decoder, signal, transcoded.body, sent=body)
    for refusal in transcoded.refusals:
        request.batch.items += 1
        request.batch.reject(refusal)
    return request
