"""What both transports do with a request: decode it, hand it to the writer, say what became of it."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hmac import compare_digest
from typing import Protocol, TypeVar, TypeVarTuple

from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.faults import Unavailable as WriterUnavailable
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request, digest_of
from opentelemetry.exporter.postgres.wire import DecodeError

from receiver.otlp_json import Transcoded, transcode
from receiver.refusals import Invalid, Unauthenticated, Unavailable

LARGE = 1 << 20
Given = TypeVarTuple("Given")
Done = TypeVar("Done")


class RequestWriter(Protocol):
    """Where requests go. write() MUST return only after the request is durable."""

    async def write(self, request: Request) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """max_request_bytes: after decompression. token: what senders must present, or None when all are welcome.
    max_held_bytes: of all requests that are not answered yet; one alone may exceed it."""

    max_request_bytes: int
    token: str | None = None
    max_held_bytes: int = 64 << 20


class Intake:
    """The one entry for Export requests of every transport and encoding."""

    def __init__(self, writer: RequestWriter, decoder: Decoder, limits: Limits) -> None:
        self._writer = writer
        self._decoder = decoder
        self._large_decoder = Decoder()
        self._small = asyncio.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large requests")
        self._held = 0
        self.limits = limits

    def authenticate(self, authorization: str | None) -> None:
        """Raises Unauthenticated unless the header carries the token, where one is asked for."""
        if self.limits.token is None:
            return
        scheme, _, presented = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not compare_digest(presented.strip().encode(), self.limits.token.encode()):
            raise Unauthenticated("send the ingest token: Authorization: Bearer <token>")

    async def export(self, signal: Signal, body: bytes, *, as_json: bool = False) -> Outcome:
        """Stores one Export request. Returns after its commit; raises Refused."""
        if self._held and self._held + len(body) > self.limits.max_held_bytes:
            raise Unavailable("too much is waiting for the database")
        self._held += len(body)
        try:
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
        finally:
            self._held -= len(body)

    async def _decode(self, signal: Signal, body: bytes, as_json: bool) -> Request:
        """Large requests are decoded beside the event loop, so that small ones are still served.

        Of the small ones each turn of the event loop decodes one: the writer's answers from PostgreSQL come between.
        """
        if len(body) < LARGE:
            async with self._small:
                await asyncio.sleep(0)
                return Request(*_decoded(self._decoder, signal, body, as_json))
        return Request(*await self._beside(_decoded, self._large_decoder, signal, body, as_json))

    async def _beside(self, work: Callable[[*Given], Done], *given: *Given) -> Done:
        """Runs work in the one thread for large requests. A sender that gives up does not stop it, and the next
        waits its turn: a decoder serves one request at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)


def _decoded(decoder: Decoder, signal: Signal, body: bytes, as_json: bool) -> tuple[Signal, bytes, int, Batch, bytes]:
    """What a Request is made of. The Request itself belongs to the event loop, and this MAY run beside it."""
    received_ns = time.time_ns()
    transcoded = transcode(signal.name.lower(), body) if as_json else Transcoded(body)
    batch = decoder.decode(signal, transcoded.body, received_ns)
    for refusal in transcoded.refusals:
        batch.items += 1
        batch.reject(refusal)
    return signal, transcoded.body, received_ns, batch, digest_of(batch, body)
