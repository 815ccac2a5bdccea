"""Mutations that know the structure, so that most inputs are still messages and reach what lies deep in them."""

import copy
import json
import random
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from tests.acceptance.checklist.encode import varint

Mutate = Callable[[bytes, int], bytes]
RAW = 0.03
"""How often the bytes themselves are mutated, without a view to what they mean."""
_ONE_BYTE = [bytes((number,)) for number in range(0x80)]
Node = list[Any]
"""[field number, wire type, content]; the content is an int, bytes, or a list of nodes."""

INNER: dict[str, dict[int, str]] = {
    "request": {1: "group"},
    "group": {1: "resource", 2: "scopes"},
    "scopes": {1: "scope", 2: "item"},
    "resource": {1: "pair", 3: "entity"},
    "scope": {3: "pair"},
    "span": {9: "pair", 11: "event", 13: "link", 15: "status"},
    "record": {5: "value", 6: "pair"},
    "event": {3: "pair"},
    "link": {4: "pair"},
    "pair": {2: "value"},
    "value": {5: "array", 6: "map"},
    "array": {1: "value"},
    "map": {1: "pair"},
    "metric": {5: "points", 7: "points", 9: "points", 10: "points", 11: "points", 12: "pair"},
    "points": {1: "point"},
    "point": {1: "pair", 5: "exemplar", 6: "quantile", 7: "pair", 8: "exemplar", 9: "pair", 11: "exemplar"},
    "exemplar": {7: "pair"},
}
NUMBERS = (0, 1, 2, 127, 128, 255, 2**31 - 1, 2**31, 2**32 - 1, 2**53, 2**63 - 1, 2**63, 2**64 - 1)
TEXTS = (
    b"", b"\0", b"\xff\xfe", b"\xed\xa0\x80", "é\u2028\ufffd".encode(), b'"\\', b"a" * 300, b"user.email",
    b"session.id", b"service.name", b"http.route", b"http.response.status_code", b"exception.message", b"exception",
    b"exception.type", b"timestamp", b"message", b"level", b"x@example.com", b"1e400", b"url.scheme", b"ws",
    bytes(16), bytes(8), b"\1" * 16,
)  # fmt: skip
VALUES = (
    None, True, 0, -1, 1.5, 1e300, 2**63, 2**64, 10**40, "", "NaN", "Infinity", "-1", "7.0", "\ud800", "\0", "ab" * 16,
    "cd" * 8, "AP8=", [], {}, [[]], {"low": 1, "high": 2}, {"stringValue": "x"}, {"intValue": "9" * 30},
    {"arrayValue": {"values": [None, {}]}}, {"kvlistValue": {"values": [{"key": "k"}]}}, "SPAN_KIND_SERVER",
)  # fmt: skip


def parse(buf: bytes, kind: str, item: str) -> list[Node]:
    """Raises IndexError or ValueError where it is no message."""
    nodes: list[Node] = []
    inner = INNER.get(kind, {})
    pos = 0
    while pos < len(buf):
        tag, pos = _varint(buf, pos)
        wire_type = tag & 7
        content: Any
        if wire_type == 0:
            content, pos = _varint(buf, pos)
        elif wire_type in (1, 5):
            size = 8 if wire_type == 1 else 4
            content, pos = buf[pos : pos + size], pos + size
        elif wire_type == 2:
            size, pos = _varint(buf, pos)
            content, pos = buf[pos : pos + size], pos + size
            within = inner.get(tag >> 3)
            if within is not None:
                content = _inside(content, item if within == "item" else within, item)
        else:
            raise ValueError(wire_type)
        nodes.append([tag >> 3, wire_type, content])
    return nodes


def _inside(content: bytes, kind: str, item: str) -> Any:
    try:
        return parse(content, kind, item)
    except (IndexError, ValueError):
        return content


def _varint(buf: bytes, pos: int) -> tuple[int, int]:
    byte = buf[pos]
    if byte < 0x80:
        return byte, pos + 1
    value = shift = 0
    while True:
        byte = buf[pos]
        value |= (byte & 0x7F) << shift
        pos += 1
        shift += 7
        if byte < 0x80:
            return value, pos
        if shift > 63:
            raise ValueError("too long")


def assemble(nodes: list[Node]) -> bytes:
    out = bytearray()
    for number, wire_type, content in nodes:
        tag = number << 3 | wire_type
        out += _ONE_BYTE[tag] if tag < 0x80 else varint(tag)
        if wire_type == 0:
            out += varint(content)
        else:
            raw = assemble(content) if isinstance(content, list) else content
            if wire_type == 2:
                out += _ONE_BYTE[len(raw)] if len(raw) < 0x80 else varint(len(raw))
            out += raw
    return bytes(out)


def protobuf(data: bytes, limit: int, seed: int, *, item: str, mutate: Mutate, seeds: Sequence[bytes]) -> bytes:
    """A mutation of a request whose items are of the kind `item`: 'span', 'record' or 'metric'."""
    source = random.Random(seed)
    if source.random() < RAW:
        return mutate(data, limit)
    try:
        tree = parse(data, "request", item)
    except (IndexError, ValueError):
        tree = parse(source.choice(seeds), "request", item)
    for _ in range(source.choice((1, 1, 2, 4))):
        _change(source.choice(_lists(tree) or [tree]), source, mutate)
    _repeat_items(tree, source)
    result = assemble(tree)
    return result if len(result) <= limit else data


def _lists(nodes: list[Node]) -> list[list[Node]]:
    """All messages that are not empty, the outermost first."""
    found: list[list[Node]] = [nodes] if nodes else []
    for each in found:
        found += [node[2] for node in each if isinstance(node[2], list) and node[2]]
    return found


def _change(nodes: list[Node], source: random.Random, mutate: Mutate) -> None:
    if not nodes:
        return
    at = source.randrange(len(nodes))
    node = nodes[at]
    what = source.random()
    if what < 0.12:
        nodes.insert(source.randrange(len(nodes) + 1), copy.deepcopy(node))
    elif what < 0.18:
        del nodes[at]
    elif what < 0.22:
        source.shuffle(nodes)
    elif what < 0.26:
        node[0] = source.choice((*range(1, 18), 1000, 2**29 - 1))
    elif isinstance(node[2], int):
        node[2] = source.choice(NUMBERS) if what < 0.8 else source.getrandbits(64)
    elif isinstance(node[2], list):
        _change(node[2], source, mutate)
    elif node[1] in (1, 5):
        size = 8 if node[1] == 1 else 4
        node[2] = source.choice((source.choice(NUMBERS) % 2 ** (8 * size), source.getrandbits(8 * size))).to_bytes(
            size, "little"
        )
    else:
        node[2] = source.choice(TEXTS) if what < 0.6 else mutate(node[2], 2 * len(node[2]) + 16)


def _repeat_items(tree: list[Node], source: random.Random) -> None:
    """Most requests keep two sound items: what goes wrong between items needs them."""
    for group in [node[2] for node in tree if isinstance(node[2], list)]:
        for scopes in [node[2] for node in group if node[0] == 2 and isinstance(node[2], list)]:
            items = [node for node in scopes if node[0] == 2]
            if 0 < len(items) < 3 and source.random() < 0.8:
                scopes.append(copy.deepcopy(items[0]))


def compressed(data: bytes, limit: int, seed: int, *, mutate: Mutate, seeds: Sequence[bytes]) -> bytes:
    """A mutation of a coding's byte and a compressed body: of its content, or now and then of the bytes themselves."""
    source = random.Random(seed)
    if source.random() < 0.2:
        return mutate(data, limit)
    window = _window(data)
    try:
        content = zlib.decompressobj(window).decompress(data[1:], 1 << 16)
    except zlib.error:
        data = source.choice(seeds)
        window = _window(data)
        content = zlib.decompressobj(window).decompress(data[1:], 1 << 16)
    content = mutate(content, 4096) * (source.choice((2, 100, 10_000)) if source.random() < 0.1 else 1)
    packer = zlib.compressobj(source.randrange(10), zlib.DEFLATED, window)
    packed = packer.compress(content) + packer.flush()
    result = data[:1] + packed + (packed if source.random() < 0.2 else b"")
    return result if len(result) <= limit else data


def _window(data: bytes) -> int:
    return zlib.MAX_WBITS if data[:1] == b"\1" else zlib.MAX_WBITS | 16


def json_text(data: bytes, limit: int, seed: int, *, mutate: Mutate, seeds: Sequence[bytes]) -> bytes:
    """A mutation of a JSON request."""
    source = random.Random(seed)
    if source.random() < RAW:
        return mutate(data, limit)
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError):
        tree = None
    if not _item_lists(tree) and source.random() < 0.8:
        tree = json.loads(source.choice(seeds))
    for _ in range(source.choice((1, 1, 2, 4))):
        _change_json(source.choice(_containers(tree) or [{}]), source, mutate)
    for items in _item_lists(tree):
        if len(items) < 3 and source.random() < 0.8:
            items.append(copy.deepcopy(items[0]))
    result = json.dumps(tree, ensure_ascii=source.random() < 0.5).encode(errors="surrogatepass")
    return result if len(result) <= limit else data


def _containers(tree: Any) -> list[Any]:
    found: list[Any] = []
    pending = [tree]
    while pending:
        value = pending.pop()
        if isinstance(value, dict | list) and value:
            found.append(value)
            pending += value.values() if isinstance(value, dict) else value
    return found


def _item_lists(tree: Any) -> list[list[Any]]:
    """The lists of items that hold any."""
    holders = [holder for holder in _containers(tree) if isinstance(holder, dict)]
    named = [holder.get(name) for holder in holders for name in ("spans", "logRecords", "dataPoints")]
    of_streams = [holder.get("values") for holder in holders if "stream" in holder]
    return [items for items in (tree, *named, *of_streams) if isinstance(items, list) and items]


def _change_json(holder: Any, source: random.Random, mutate: Mutate) -> None:
    if not holder:
        return
    key = source.choice(list(holder)) if isinstance(holder, dict) else source.randrange(len(holder))
    what = source.random()
    if what < 0.1:
        del holder[key]
    elif what < 0.25 and isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif what < 0.25:
        holder[source.choice(("key", "value", "attributes", "body", "flags", "kind", "trace_id"))] = holder[key]
    elif isinstance(holder[key], str) and what < 0.7:
        holder[key] = mutate(holder[key].encode(errors="surrogatepass"), 100).decode(errors="surrogateescape")
    else:
        holder[key] = copy.deepcopy(source.choice(VALUES))
