"""Which series a point belongs to: found by the bytes that say so, which repeat from one export to the next."""

from opentelemetry.exporter.postgres import rows, wire
from opentelemetry.exporter.postgres.batch import Resource, Scope, Series
from opentelemetry.exporter.postgres.metric_fields import (
    GAUGE,
    SUM,
    SUMMARY,
    TEMPORALITIES,
    TYPES,
    MetricFields,
)
from opentelemetry.exporter.postgres.origin import canonical, content_digest, content_id
from opentelemetry.exporter.postgres.rollup import short

MAX_KNOWN = 200_000
MAX_KNOWN_BYTES = 4_096
"""A series that takes longer to tell is hashed each time: what is kept must stay bounded in bytes too."""


class Family:
    """The series of one metric of one scope and resource, by the bytes of their attributes."""

    __slots__ = ("_digest", "_head", "known")

    def __init__(self, head: Series) -> None:
        self._head = head
        self._digest = content_digest(
            head.resource_id.to_bytes(8, signed=True),
            head.scope_id.to_bytes(8, signed=True),
            head.name.encode(),
            head.unit.encode(),
            head.type.encode(),
            str(head.temporality).encode(),
            str(head.monotonic).encode(),
        )
        self.known: dict[bytes, Series] = {}

    def make(self, attributes: bytes) -> Series:
        """The series with these KeyValue fields, each with its tag."""
        head = self._head
        json = canonical(_fragments(attributes))[1]
        digest = self._digest.copy()
        digest.update(len(json).to_bytes(8) + json)
        id = int.from_bytes(digest.digest(), signed=True)
        return Series(
            id=id,
            version=id ^ head.version,
            service_name=head.service_name,
            name=head.name,
            type=head.type,
            unit=head.unit,
            temporality=head.temporality,
            monotonic=head.monotonic,
            attributes=json,
            description=head.description,
            metadata=head.metadata,
            resource_id=head.resource_id,
            scope_id=head.scope_id,
            copy_id=rows.bigint(id),
        )


class Families:
    """All families that came lately, in bounded number."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, bytes], Family] = {}
        self._series = 0

    def family(self, resource: Resource, scope: Scope, metric: MetricFields, buf: bytes) -> Family:
        key = (resource.id, scope.id, metric.head)
        found = self._known.get(key)
        if found is None:
            found = Family(_head(resource, scope, metric, buf))
            if len(metric.head) <= MAX_KNOWN_BYTES:
                self._keep_bounded()
                self._known[key] = found
        return found

    def series(self, family: Family, attributes: bytes) -> Series:
        """A series that its family does not know yet."""
        found = family.make(attributes)
        if len(attributes) <= MAX_KNOWN_BYTES:
            self._keep_bounded()
            family.known[attributes] = found
        return found

    def _keep_bounded(self) -> None:
        self._series += 1
        if self._series > MAX_KNOWN:
            self._series = 0
            for family in self._known.values():
                family.known.clear()
            self._known.clear()


def _head(resource: Resource, scope: Scope, metric: MetricFields, buf: bytes) -> Series:
    """What the series of a metric have in common: `version` of description and metadata; no id, no attributes."""
    metadata = canonical([wire.key_value(buf, at, end)[1] for at, end in metric.metadata])[1]
    description = wire.text_of(metric.description)
    kind = metric.kind
    return Series(
        id=0,
        version=content_id(description.encode(), metadata),
        service_name=short(resource.service_name),
        name=wire.text_of(metric.name),
        type=TYPES[kind],
        unit=wire.text_of(metric.unit),
        temporality=None if kind in (GAUGE, SUMMARY) else TEMPORALITIES[metric.temporality],
        monotonic=metric.monotonic if kind == SUM else None,
        attributes=b"",
        description=description or None,
        metadata=metadata if metric.metadata else None,
        resource_id=resource.id,
        scope_id=scope.id,
        copy_id=b"",
    )


def _fragments(attributes: bytes) -> list[bytes]:
    fragments: list[bytes] = []
    pos, end = 0, len(attributes)
    while pos < end:
        _, pos = wire.read_varint(attributes, pos, end)
        at, pos = wire.read_length(attributes, pos, end)
        fragments.append(wire.key_value(attributes, at, pos)[1])
    return fragments
