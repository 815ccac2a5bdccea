"""Resources and scopes: decoded once for each distinct message, identified by a hash of their content."""

from hashlib import blake2b

from msgspec.json import decode as from_json
from msgspec.json import encode as to_json
from opentelemetry.exporter.postgres import rows
from opentelemetry.exporter.postgres.batch import Resource, Scope
from opentelemetry.exporter.postgres.sources import PERSON_NAMES, fact
from opentelemetry.exporter.postgres.wire import UINT32, key_value, read_length, read_varint, skip, text_of

MAX_KNOWN = 10_000
MAX_KNOWN_BYTES = 8_192
"""A longer message is decoded each time: what is kept must stay bounded in bytes too."""


def content_digest(*parts: bytes) -> "blake2b":
    """A digest of 64 bits, to which more parts MAY be added, each behind its length in eight bytes."""
    digest = blake2b(digest_size=8)
    for part in parts:
        digest.update(len(part).to_bytes(8) + part)
    return digest


def content_id(*parts: bytes) -> int:
    """A signed 64-bit hash of `parts`."""
    return int.from_bytes(content_digest(*parts).digest(), signed=True)


class Origins:
    """Reads Resource and InstrumentationScope messages."""

    def __init__(self) -> None:
        self._resources: dict[tuple[bytes, str], Resource] = {}
        self._scopes: dict[tuple[bytes, str], Scope] = {}

    def resource(self, raw: bytes, schema_url: str) -> Resource:
        found = self._resources.get((raw, schema_url))
        if found is None:
            found = _resource(raw, schema_url)
            if len(raw) + len(schema_url) <= MAX_KNOWN_BYTES:
                if len(self._resources) >= MAX_KNOWN:
                    self._resources.clear()
                self._resources[raw, schema_url] = found
        return found

    def scope(self, raw: bytes, schema_url: str) -> Scope:
        found = self._scopes.get((raw, schema_url))
        if found is None:
            found = _scope(raw, schema_url)
            if len(raw) + len(schema_url) <= MAX_KNOWN_BYTES:
                if len(self._scopes) >= MAX_KNOWN:
                    self._scopes.clear()
                self._scopes[raw, schema_url] = found
        return found


def canonical(fragments: list[bytes]) -> tuple[dict[str, object], bytes]:
    """The attributes, and their JSON text in the order of their keys: the same content has the same text."""
    attributes = from_json(b"{" + b",".join(fragments) + b"}")
    return attributes, to_json(attributes, order="sorted")


def _resource(raw: bytes, schema_url: str) -> Resource:
    fragments: list[bytes] = []
    entities: list[object] = []
    dropped = 0
    pos, end = 0, len(raw)
    while pos < end:
        tag, pos = read_varint(raw, pos, end)
        if tag == 0x0A:
            start, pos = read_length(raw, pos, end)
            fragments.append(key_value(raw, start, pos)[1])
        elif tag == 0x10:
            dropped, pos = read_varint(raw, pos, end)
            dropped &= UINT32
        elif tag == 0x1A:
            start, pos = read_length(raw, pos, end)
            entities.append(_entity(raw, start, pos))
        else:
            pos = skip(raw, pos, end, tag)
    attributes, json = canonical(fragments)
    name = attributes.get("service.name")
    service_name = name if isinstance(name, str) and name else "unknown_service"
    entity_refs = to_json(entities) if entities else None
    return Resource(
        id=content_id(json, schema_url.encode(), str(dropped).encode(), entity_refs or b""),
        service_name=service_name,
        attributes=json,
        schema_url=schema_url or None,
        dropped_attributes_count=dropped,
        entity_refs=entity_refs,
        facts={key: value for key, value in attributes.items() if key in PERSON_NAMES and fact(key, value) is not None},
        copy_service=rows.text(service_name),
    )


def _entity(buf: bytes, pos: int, end: int) -> dict[str, object]:
    names = {0x0A: "schema_url", 0x12: "type", 0x1A: "id_keys", 0x22: "description_keys"}
    entity: dict[str, object] = {}
    lists: dict[str, list[str]] = {"id_keys": [], "description_keys": []}
    while pos < end:
        tag, pos = read_varint(buf, pos, end)
        name = names.get(tag)
        if name is None:
            pos = skip(buf, pos, end, tag)
            continue
        start, pos = read_length(buf, pos, end)
        text = text_of(buf[start:pos])
        if name in lists:
            lists[name].append(text)
        else:
            entity[name] = text
    return entity | lists


def _scope(raw: bytes, schema_url: str) -> Scope:
    fragments: list[bytes] = []
    name = version = ""
    dropped = 0
    pos, end = 0, len(raw)
    while pos < end:
        tag, pos = read_varint(raw, pos, end)
        if tag == 0x0A or tag == 0x12:
            start, pos = read_length(raw, pos, end)
            if tag == 0x0A:
                name = text_of(raw[start:pos])
            else:
                version = text_of(raw[start:pos])
        elif tag == 0x1A:
            start, pos = read_length(raw, pos, end)
            fragments.append(key_value(raw, start, pos)[1])
        elif tag == 0x20:
            dropped, pos = read_varint(raw, pos, end)
            dropped &= UINT32
        else:
            pos = skip(raw, pos, end, tag)
    _, json = canonical(fragments)
    return Scope(
        id=content_id(name.encode(), version.encode(), json, schema_url.encode(), str(dropped).encode()),
        name=name,
        version=version,
        attributes=json,
        schema_url=schema_url or None,
        dropped_attributes_count=dropped,
    )
