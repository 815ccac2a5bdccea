"""The fields of one Metric message but for its points: what they share."""

from opentelemetry.exporter.postgres import wire
from opentelemetry.exporter.postgres.batch import InvalidRequest

GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY = 1, 2, 3, 4, 5
TYPES = ("", "gauge", "sum", "histogram", "exponential_histogram", "summary")
TEMPORALITIES = ("unspecified", "delta", "cumulative")

_DATA = {0x2A: GAUGE, 0x3A: SUM, 0x4A: HISTOGRAM, 0x52: EXPONENTIAL, 0x5A: SUMMARY}
_TEXTS = frozenset((0x0A, 0x12, 0x1A, 0x62))
_OF_ANOTHER_SIGNAL = frozenset((0x09, 0x39))
"""Field 1 of a LogRecord and field 7 of a Span are fixed64; a Metric has no such field."""


class MetricFields:
    """Reads one metric after the other into the same object.

    name is raw UTF-8; points are ranges of the buffer; kind is 0 for a metric without data. head holds all fields but
    the points as they came: equal heads mean equal fields.
    """

    __slots__ = ("description", "head", "kind", "metadata", "monotonic", "name", "points", "temporality", "unit")

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.name = self.description = self.unit = self.head = b""
        self.metadata: list[tuple[int, int]] = []
        self.points: list[tuple[int, int]] = []
        self.kind = self.temporality = 0
        self.monotonic = False

    def read(self, buf: bytes, pos: int, end: int) -> None:
        """The Metric message in buf[pos:end]. Of several kinds of data the last one counts.

        Raises DecodeError, and InvalidRequest for what belongs to another signal.
        """
        self._clear()
        data: list[tuple[int, int]] = []
        texts: list[bytes] = []
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag in _OF_ANOTHER_SIGNAL:
                raise InvalidRequest("these are no metrics: is this an export of logs or traces?")
            if tag not in _TEXTS and tag not in _DATA:
                pos = wire.skip(buf, pos, end, tag)
                continue
            at, pos = wire.read_length(buf, pos, end)
            if tag in _DATA:
                if _DATA[tag] != self.kind:
                    self.kind = _DATA[tag]
                    data = []
                data.append((at, pos))
                continue
            texts.append(b"%d:%d:" % (tag, pos - at) + buf[at:pos])
            if tag == 0x0A:
                self.name = buf[at:pos]
            elif tag == 0x12:
                self.description = buf[at:pos]
            elif tag == 0x1A:
                self.unit = buf[at:pos]
            else:
                self.metadata.append((at, pos))
        for at, after in data:
            self._data(buf, at, after)
        self.head = b"%d %d %d " % (self.kind, self.temporality, self.monotonic) + b"".join(texts)

    def _data(self, buf: bytes, pos: int, end: int) -> None:
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x0A:
                at, pos = wire.read_length(buf, pos, end)
                self.points.append((at, pos))
            elif tag == 0x10 and self.kind in (SUM, HISTOGRAM, EXPONENTIAL):
                number, pos = wire.read_varint(buf, pos, end)
                self.temporality = number if number < len(TEMPORALITIES) else 0
            elif tag == 0x18 and self.kind == SUM:
                number, pos = wire.read_varint(buf, pos, end)
                self.monotonic = number != 0
            else:
                pos = wire.skip(buf, pos, end, tag)
