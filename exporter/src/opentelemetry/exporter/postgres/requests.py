"""A request as it waits for its transaction."""

import asyncio
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from os import urandom

from opentelemetry.exporter.postgres.attribute_rules import AttributeRules
from opentelemetry.exporter.postgres.attributes import Attributes
from opentelemetry.exporter.postgres.batch import Batch, Signal
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.logs import LogDecoder
from opentelemetry.exporter.postgres.metrics import MetricDecoder
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.redaction import REASONS
from opentelemetry.exporter.postgres.spans import SpanDecoder
from opentelemetry.exporter.postgres.wire import take_alterations


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the sender is answered: how many items were rejected, and why. repeated: the request was stored before.
    spooled: it is safe, and yet to be stored."""

    rejected: int = 0
    message: str | None = None
    repeated: bool = False
    spooled: bool = False


class Decoder:
    """OTLP messages of every signal to batches; one a thread. `pause` is called every few hundred items: compiled
    code holds the interpreter's lock, and in a thread of its own it must let others have it now and then."""

    def __init__(self, pause: Callable[[], object] | None = None) -> None:
        origins, attributes = Origins(), Attributes()
        self._spans = SpanDecoder(origins, attributes, pause)
        self._logs = LogDecoder(origins, attributes, pause)
        self._metrics = MetricDecoder(origins, pause)

    def decode(self, signal: Signal, body: bytes, received_ns: int, first: int = 0, last: int | None = None) -> Batch:
        """The items `first` to `last` (excluded) of a serialized Export*ServiceRequest.

        Raises DecodeError or InvalidRequest, both ValueError, for what can never be stored.
        """
        take_alterations()
        if signal is Signal.TRACES:
            batch = self._spans.decode(body, first, last)
        elif signal is Signal.LOGS:
            batch = self._logs.decode(body, received_ns, first, last)
        else:
            batch = self._metrics.decode(body, first, last)
        batch.altered = take_alterations()
        return batch


@dataclass(eq=False, slots=True)
class Request:
    """One Export request. `digest` is what its repetitions share, `sender` whose turn it takes.

    refusals: one line for each item that was lost before decoding, counted in `batch` and not to be found in `body`.
    held: a writer has it; once it lets go `done` is set. left: all who waited for the outcome have.
    """

    signal: Signal
    body: bytes
    received_ns: int
    batch: Batch
    digest: bytes
    sender: str = ""
    refusals: Sequence[str] = ()
    done: "asyncio.Future[Outcome]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    held: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: int = 0

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for an outcome that is not there yet."""
        return not self.left.is_set() and not self.done.done()

    async def outcome(self) -> Outcome:
        """Waits for the outcome, beside others who may wait for it too. Raises Unavailable."""
        self._waiting += 1
        self.left.clear()
        try:
            return await asyncio.shield(self.done)
        finally:
            self._waiting -= 1
            if not self._waiting:
                self.left.set()

    def refuse(self, answer: Unavailable) -> None:
        """Has outcome() raise, unless the outcome is there."""
        if self.left.is_set():
            self.done.cancel()
        elif not self.done.done():
            self.done.set_exception(answer)

    def again(self) -> "Request":
        """The same request, without an outcome."""
        done = asyncio.get_running_loop().create_future()
        return replace(self, done=done, held=False, left=asyncio.Event(), _waiting=0)


def decode_by_rules(
    decoder: Decoder, rules: AttributeRules | None, signal: Signal, body: bytes, received_ns: int
) -> tuple[bytes, Batch]:
    """The request as it may be stored, and its batch, which counts what the rules changed. Raises as decode()."""
    if rules is None:
        return body, decoder.decode(signal, body, received_ns)
    stored, changed = rules.apply(signal, body)
    batch = decoder.decode(signal, stored, received_ns)
    for action, count in changed.items():
        batch.altered[REASONS[action]] = count
    return stored, batch


def digest_of(batch: Batch, sent: bytes, rules: AttributeRules | None = None) -> bytes:
    """What a retry of the request has in common with the first attempt: its bytes after decompression.

    The key of the rules keeps others from finding out by trial what was sent. Items without any time of their own
    cannot be told from repetitions: a request made only of such gets a digest of its own, which no second one shares.
    """
    if not batch.timed:
        return urandom(16)
    digest = sha256(batch.signal.name.encode())
    digest.update(sent)
    if rules is not None and rules.hash_key:
        return hmac.digest(rules.hash_key, digest.digest(), "sha256")[:16]
    return digest.digest()[:16]


def make_request(decoder: Decoder, signal: Signal, body: bytes, rules: AttributeRules | None = None) -> Request:
    """Decodes `body`, protobuf. Raises ValueError as Decoder.decode(). MUST be called in a running event loop."""
    received_ns = time.time_ns()
    stored, batch = decode_by_rules(decoder, rules, signal, body, received_ns)
    return Request(signal, stored, received_ns, batch, digest_of(batch, body, rules))
