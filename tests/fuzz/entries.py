"""What the fuzzer calls: every entry of foreign bytes, and what must hold for whatever it is given."""

import importlib
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import re2

from tests.fuzz.plain import PACKAGE, compiled_and_plain

RECEIVED = 1_800_000_000 * 10**9
HANG_SECONDS = 1.0
INFLATE_LIMIT = 1 << 20
SEEDS = Path(__file__).parent / "corpus"
TRANSLATED = {"zipkin": "traces", "loki": "logs"}
"""What others send, and the signal that it becomes."""
TARGETS = (
    "traces", "logs", "metrics", "traces_json", "logs_json", "metrics_json", "zipkin_json", "loki_json", "inflate",
)  # fmt: skip
Entry = Callable[[bytes], int]


class Finding(AssertionError):
    """Something that must not be."""


def entry(target: str, *, instrumented: bool) -> Entry:
    """Reads one input and returns how many items were decoded. Refusing is fine; any other exception is a finding.

    The plain decoder guides the fuzzer; the compiled one must say the same.
    """
    compiled, plain = compiled_and_plain("requests", instrumented=instrumented)
    refusals = importlib.import_module("receiver.refusals")
    if target == "inflate":
        return _bounded(_inflate(importlib.import_module("receiver.inflate"), refusals))
    signal_name, _, json = target.partition("_")
    decode = _decode(compiled, plain, TRANSLATED.get(signal_name, signal_name))
    if not json:
        return _bounded(decode)
    translate = _translation(signal_name)

    def transcode(body: bytes) -> int:
        try:
            transcoded = translate(body)
        except refusals.Invalid:
            return 0
        return decode(transcoded.body, must_decode=True)

    return _bounded(transcode)


def _translation(name: str) -> Callable[[bytes], Any]:
    """JSON to a request of OTLP."""
    if name not in TRANSLATED:
        return partial(importlib.import_module("receiver.otlp_json").transcode, name)
    from_json = importlib.import_module(f"receiver.translation.{name}.encodings").from_json
    return lambda body: from_json(body, RECEIVED)


def _decode(compiled: Any, plain: Any, signal_name: str) -> Callable[..., int]:
    readers = [_reader(module, signal_name) for module in (compiled, plain)]

    def decode(body: bytes, *, must_decode: bool = False) -> int:
        said = [read(body) for read in readers]
        if said[0] != said[1]:
            raise Finding(f"compiled: {str(said[0])[:500]}\nplain: {str(said[1])[:500]}")
        items, error = said[0][:2]
        if must_decode and error == "DecodeError":
            raise Finding("the JSON became protobuf that is none")
        return int(items)

    return decode


def _reader(module: Any, signal_name: str) -> Callable[[bytes], tuple[Any, ...]]:
    """What a decoder makes of a body, apart from the random ids of its rows, and what attribute rules leave of it."""
    decoder, signal = module.Decoder(), module.Signal[signal_name.upper()]
    rules = _rules(module)

    def read(body: bytes) -> tuple[Any, ...]:
        try:
            batch = decoder.decode(signal, body, RECEIVED)
        except ValueError as error:
            _refused(error)
            return 0, type(error).__name__, _rewritten(rules, signal, body)
        left = _rewritten(rules, signal, body)
        if left is not None and decoder.decode(signal, left, RECEIVED).items != batch.items:
            raise Finding("by the rules it is another request")
        rows = [row[:2] + row[22:] for row in batch.rows]
        return batch.items, "", batch.rejected, batch.message, rows, batch.times, sorted(batch.resources), left

    return read


def _rules(module: Any) -> Any:
    """Every other attribute is hidden in one way or another. The module's actions are its own."""
    redaction = importlib.import_module(f"{PACKAGE}.redaction")
    drop, hash_, mask = module.REASONS
    vowel, digit = (re2.compile(pattern) for pattern in (b"[aeiou]", b"[0-9]"))
    rules = (("*i*", drop, digit), ("*o*", hash_, None), ("*", mask, digit), ("*a*", hash_, vowel), ("u*", drop, None))
    return module.AttributeRules(redaction.Rules(tuple(redaction.Rule(*rule) for rule in rules), b"a key"))


def _rewritten(rules: Any, signal: Any, body: bytes) -> bytes | None:
    try:
        left, counts = rules.apply(signal, body)
    except ValueError as error:
        _refused(error)
        return None
    if left is body and counts:
        raise Finding(f"{counts} and nothing changed")
    return bytes(left)


def _refused(error: ValueError) -> None:
    if type(error).__name__ not in ("DecodeError", "InvalidRequest"):
        raise error


def _inflate(inflate: Any, refusals: Any) -> Entry:
    def read(body: bytes) -> int:
        coding = "deflate" if body[:1] == b"\1" else "gzip"
        try:
            content = inflate.inflate(body[1:], coding, INFLATE_LIMIT)
        except refusals.TooLarge:
            return 2
        except refusals.Invalid:
            return 0
        if len(content) > INFLATE_LIMIT:
            raise Finding(f"{len(content)} bytes")
        return 2

    return read


def _bounded(read: Entry) -> Entry:
    def bounded(body: bytes) -> int:
        began = time.process_time()
        items = read(body)
        if time.process_time() - began > HANG_SECONDS:
            raise Finding(f"it took more than {HANG_SECONDS} s")
        return items

    return bounded
