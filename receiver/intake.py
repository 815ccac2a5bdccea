"""What both transports do with a request: decode it, hand it to the writer, say what became of it."""

import asyncio
import logging
import time
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol

from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.faults import Unavailable as WriterUnavailable
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request, digest_of
from opentelemetry.exporter.postgres.wire import DecodeError

from receiver.metrics import count_points, count_points_json
from receiver.otlp_json import Transcoded, transcode
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
        self._small = asyncio.Lock()
        self._large = asyncio.Lock()
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
        """Large requests are decoded beside the event loop, so that small ones are still served.

        Of the small ones each turn of the event loop decodes one: the writer's answers from PostgreSQL come between.
        """
        if len(body) < LARGE:
            async with self._small:
                await asyncio.sleep(0)
                return Request(*_decoded(self._decoder, signal, body, as_json))
        async with self._large:
            decoded = await asyncio.to_thread(_decoded, self._large_decoder, signal, body, as_json)
        return Request(*decoded)

    def _count(self, body: bytes, as_json: bool) -> Outcome:
        if not self.points:
            _log.warning("metrics are accepted and counted, but not stored by this version")
        self.points += count_points_json(body) if as_json else count_points(body)
        return Outcome()


def _decoded(
    decoder: Decoder, signal: Signal, body: bytes, as_json: bool
) -> tuple[Signal, bytes, int, Batch, bytes | None]:
    """What a Request is made of. The Request itself belongs to the event loop, and this MAY run beside it."""
    received_ns = time.time_ns()
    transcoded = transcode(signal.name.lower(), body) if as_json else Transcoded(body)
    batch = decoder.decode(signal, transcoded.body, received_ns)
    for refusal in transcoded.refusals:
        batch.items += 1
        batch.reject(refusal)
    return signal, transcoded.body, received_ns, batch, digest_of(signal, body) if batch.timed else None
