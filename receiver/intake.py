"""What both transports do with a request: decode it, hand it to the writer, say what became of it."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar, TypeVarTuple

from opentelemetry.exporter.postgres.attribute_rules import AttributeRules
from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.faults import Unavailable as WriterUnavailable
from opentelemetry.exporter.postgres.redaction import Rules
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request, decode_by_rules, digest_of
from opentelemetry.exporter.postgres.wire import DecodeError

from receiver.admission import Admission
from receiver.arrivals import Arrival
from receiver.foreign_services import has_foreign, without_foreign
from receiver.otlp_json import Transcoded
from receiver.permits import EVERYTHING, Door, Permit, open_door
from receiver.refusals import Invalid, Unavailable
from receiver.sender_warnings import SenderWarnings
from receiver.senders import sender_of
from receiver.turns import Turns

LARGE = 1 << 20
LARGE_TO_TRANSLATE = 1 << 18
"""Bytes of a request that takes a tenth of a second or so: what is translated goes through plain Python."""
PATIENCE = 4.0
"""Seconds until a request is refused that is not stored yet: senders wait for 5 to 10."""
BYTES_A_SECOND = 16 << 20
"""Of a large request, which gets so much more time to be written."""
Decoded = tuple[Signal, bytes, int, Batch, bytes, list[str]]
"""What a Request is made of, but for its sender, which comes before the last."""
Translate = Callable[[bytes, int], Transcoded]
"""Makes OTLP of another encoding, by a body and its time of arrival in ns. It MUST be pure; raises Invalid."""
Given = TypeVarTuple("Given")
Done = TypeVar("Done")


class RequestWriter(Protocol):
    """Where requests go. write() MUST return only after the request is durable."""

    async def write(self, request: Request) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """max_request_bytes: after decompression. max_held_bytes: of all requests that are not answered yet; one alone may
    exceed it."""

    max_request_bytes: int
    max_held_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class _Reader:
    """What makes batches of bytes; one a thread."""

    decoder: Decoder
    rules: AttributeRules | None


class Intake:
    """The one entry for Export requests of every transport and encoding."""

    def __init__(
        self,
        writer: RequestWriter,
        decoder: Decoder,
        limits: Limits,
        warnings: SenderWarnings,
        rules: Rules | None = None,
        door: Door = open_door,
    ) -> None:
        self._writer = writer
        self._warnings = warnings
        pause = partial(time.sleep, 0)
        self._reader = _Reader(decoder, None if rules is None else AttributeRules(rules))
        self._large_reader = _Reader(Decoder(pause), None if rules is None else AttributeRules(rules, pause))
        self._small, self._large = Turns(), Turns()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="large requests")
        self._inflating = ThreadPoolExecutor(max_workers=1, thread_name_prefix="inflating")
        self.admission = Admission(limits.max_held_bytes)
        self.limits = limits
        self.door = door

    async def inflated(self, peer: str, body: bytes, inflate: Callable[[bytes, int], bytes]) -> bytes:
        """The content of a compressed body, by `inflate` with the limit. One at a time is inflated; raises Refused."""
        self.admission.take(peer, len(body))
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.get_running_loop().run_in_executor(
                    self._inflating, inflate, body, self.limits.max_request_bytes
                )
        except TimeoutError:
            raise Unavailable("too many requests are being decompressed") from None
        finally:
            self.admission.give(peer, len(body))

    async def export(
        self,
        arrival: Arrival,
        signal: Signal,
        body: bytes,
        *,
        translate: Translate | None = None,
        permit: Permit = EVERYTHING,
    ) -> Outcome:
        """Stores one Export request. Returns once it is durable; raises Refused, after PATIENCE seconds at the latest.

        Large requests get more. `arrival` learns what is in the request. translate: makes OTLP of a body that is not.
        """
        sender = sender_of(arrival.peer, body)
        self.admission.take(sender, len(body))
        give = partial(self.admission.give, sender, len(body))
        try:
            async with asyncio.timeout(PATIENCE) as patience:
                request = await self._understood(arrival, sender, signal, body, translate, permit, patience)
                if request is None:
                    return Outcome()
                if not request.batch.rows:
                    return self._warned(request, Outcome(request.batch.rejected, request.batch.message))
                return self._warned(request, await self._writer.write(request))
        except TimeoutError:
            raise Unavailable("the database did not take the data in time") from None
        except WriterUnavailable as error:
            raise Unavailable(str(error)) from None
        finally:
            request = arrival.request
            if request is not None and request.held and not request.done.done():
                request.done.add_done_callback(lambda _: give())
            else:
                give()

    def _warned(self, request: Request, outcome: Outcome) -> Outcome:
        """With a warning, unless the outcome says something already."""
        if outcome.message or outcome.repeated:
            return outcome
        return replace(outcome, message=self._warnings.of(request))

    async def _understood(
        self,
        arrival: Arrival,
        sender: str,
        signal: Signal,
        body: bytes,
        translate: Translate | None,
        permit: Permit,
        patience: asyncio.Timeout,
    ) -> Request | None:
        """None where there is nothing to store. Raises Invalid and Forbidden."""
        try:
            if not body and translate is None:
                return None
            decoded = await self._decode(sender, signal, body, translate, permit, patience)
        except DecodeError as error:
            raise Invalid(f"not an OTLP {signal.name.lower()} request: {error}") from None
        except ValueError as error:
            raise Invalid(str(error)) from None
        arrival.request = Request(*decoded[:5], sender, decoded[5])
        return arrival.request

    async def _decode(
        self,
        sender: str,
        signal: Signal,
        body: bytes,
        translate: Translate | None,
        permit: Permit,
        patience: asyncio.Timeout,
    ) -> Decoded:
        """Large requests are decoded beside the event loop, so that small ones are still served.

        Of the small ones each turn of the event loop decodes one: the writer's answers from PostgreSQL come between.
        """
        turns = self._small if len(body) < (LARGE if translate is None else LARGE_TO_TRANSLATE) else self._large
        await turns.acquire(sender)
        try:
            if turns is self._small:
                await asyncio.sleep(0)
                return _decoded(self._reader, signal, body, translate, permit)
            patience.reschedule(None)
            decoded = await self._beside(_decoded, self._large_reader, signal, body, translate, permit)
            patience.reschedule(asyncio.get_running_loop().time() + PATIENCE / 2 + len(body) / BYTES_A_SECOND)
            return decoded
        finally:
            turns.release()

    async def _beside(self, work: Callable[[*Given], Done], *given: *Given) -> Done:
        """Runs work in the one thread for large requests. A sender that gives up does not stop it, and the next
        waits its turn: a decoder serves one request at a time."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *given)


def _decoded(reader: _Reader, signal: Signal, body: bytes, translate: Translate | None, permit: Permit) -> Decoded:
    """What a Request is made of. The Request itself belongs to the event loop, and this MAY run beside it."""
    received_ns = time.time_ns()
    transcoded = Transcoded(body) if translate is None else translate(body, received_ns)

    def read(part: bytes) -> tuple[bytes, Batch]:
        return decode_by_rules(reader.decoder, reader.rules, signal, part, received_ns)

    stored, batch = read(transcoded.body)
    refusals = transcoded.refusals
    if permit.services is not None and has_foreign(batch, permit.services):
        # The digest is that of what is left: by another key the whole request is another one.
        body, foreign = without_foreign(transcoded.body, permit.services, lambda part: read(part)[1])
        stored, batch = read(body)
        refusals = [*refusals, *foreign]
    for refusal in refusals:
        batch.items += 1
        batch.reject(refusal)
    return signal, stored, received_ns, batch, digest_of(batch, body, reader.rules), refusals
