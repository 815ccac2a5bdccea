"""The fields of one data point of any kind, as they stand on the wire."""

from struct import unpack

from opentelemetry.exporter.postgres import wire
from opentelemetry.exporter.postgres.metric_fields import EXPONENTIAL, GAUGE, HISTOGRAM, SUM, SUMMARY

Range = tuple[int, int]

NO_VALUE, DOUBLE, INTEGER = 0, 1, 2

# By kind of metric: the tag of a field that all points have.
ATTRIBUTES = (0, 0x3A, 0x3A, 0x4A, 0x0A, 0x3A)
_EXEMPLARS = (0, 0x2A, 0x2A, 0x42, 0x5A, 0)
_FLAGS = (0, 0x40, 0x40, 0x50, 0x50, 0x40)


class PointFields:
    """Reads one point after the other into the same object.

    Times are ns since 1970, 0 where not set; flags is -1 where not set. bits is the value of a number: of a double the
    bits, of an integer the integer, both as int64. sum, min, max and zero_threshold are None where not set.
    attributes holds the KeyValue fields with their tags. exemplars and quantiles are ranges of the buffer.
    """

    __slots__ = (
        "attributes",
        "bits",
        "bounds",
        "bucket_counts",
        "count",
        "exemplars",
        "flags",
        "form",
        "max",
        "min",
        "negative",
        "positive",
        "quantiles",
        "scale",
        "start_ns",
        "sum",
        "time_ns",
        "zero_count",
        "zero_threshold",
    )

    def __init__(self) -> None:
        self._clear()

    def _clear(self) -> None:
        self.time_ns = self.start_ns = self.bits = self.form = 0
        self.flags = -1
        self.attributes = b""
        self.exemplars: list[Range] | None = None

    def _clear_distribution(self) -> None:
        self.count = self.zero_count = self.scale = 0
        self.sum: float | None = None
        self.min: float | None = None
        self.max: float | None = None
        self.zero_threshold: float | None = None
        self.bounds = self.bucket_counts = b""
        self.positive: list[Range] = []
        self.negative: list[Range] = []
        self.quantiles: list[Range] = []

    def read(self, buf: bytes, pos: int, end: int, kind: int) -> None:
        """The data point in buf[pos:end] of a metric of this kind. Raises DecodeError."""
        self._clear()
        number = kind in (GAUGE, SUM)
        if not number:
            self._clear_distribution()
        attributes = ATTRIBUTES[kind]
        exemplars = _EXEMPLARS[kind]
        flags = _FLAGS[kind]
        first = last = -1
        raw = buf
        while pos < end:
            before = pos
            tag = raw[pos]
            pos += 1
            if tag >= 0x80:
                tag, pos = wire.read_varint(buf, pos - 1, end)
            form = tag & 7
            if form == 1:
                fixed = wire.read_fixed64(buf, pos, end)
                if tag == 0x19:
                    self.time_ns = fixed
                elif tag == 0x11:
                    self.start_ns = fixed
                elif not number:
                    self._fixed(buf, tag, fixed, pos, kind)
                elif tag == 0x21 or tag == 0x31:
                    self.form = DOUBLE if tag == 0x21 else INTEGER
                    self.bits = wire.int64(fixed)
                pos += 8
            elif form == 2:
                at, pos = wire.read_length(buf, pos, end)
                if tag == attributes:
                    if before != last:
                        if first >= 0:
                            self.attributes += buf[first:last]
                        first = before
                    last = pos
                elif tag == exemplars:
                    if self.exemplars is None:
                        self.exemplars = []
                    self.exemplars.append((at, pos))
                elif not number:
                    self._delimited(buf, tag, at, pos, kind)
            elif form == 0:
                value, pos = wire.read_varint(buf, pos, end)
                if tag == flags:
                    self.flags = value & wire.UINT32
                elif tag == 0x30 and kind == EXPONENTIAL:
                    self.scale = zigzag(value)
            else:
                pos = wire.skip(buf, pos, end, tag)
        if first >= 0:
            self.attributes = self.attributes + buf[first:last] if self.attributes else buf[first:last]

    def _fixed(self, buf: bytes, tag: int, fixed: int, pos: int, kind: int) -> None:
        if tag == 0x21:
            self.count = fixed
        elif tag == 0x29:
            self.sum = wire.read_double(buf, pos, pos + 8)
        elif kind == HISTOGRAM:
            if tag == 0x31:
                self.bucket_counts += buf[pos : pos + 8]
            elif tag == 0x39:
                self.bounds += buf[pos : pos + 8]
            elif tag == 0x59:
                self.min = wire.read_double(buf, pos, pos + 8)
            elif tag == 0x61:
                self.max = wire.read_double(buf, pos, pos + 8)
        elif kind == EXPONENTIAL:
            if tag == 0x39:
                self.zero_count = fixed
            elif tag == 0x61:
                self.min = wire.read_double(buf, pos, pos + 8)
            elif tag == 0x69:
                self.max = wire.read_double(buf, pos, pos + 8)
            elif tag == 0x71:
                self.zero_threshold = wire.read_double(buf, pos, pos + 8)

    def _delimited(self, buf: bytes, tag: int, at: int, end: int, kind: int) -> None:
        if kind == HISTOGRAM:
            if tag == 0x32:
                self.bucket_counts += buf[at:end]
            elif tag == 0x3A:
                self.bounds += buf[at:end]
        elif kind == EXPONENTIAL:
            if tag == 0x42:
                self.positive.append((at, end))
            elif tag == 0x4A:
                self.negative.append((at, end))
        elif kind == SUMMARY and tag == 0x32:
            self.quantiles.append((at, end))


def zigzag(varint: int) -> int:
    """The sint32 that a varint stands for."""
    number = varint & wire.UINT32
    return -(number >> 1) - 1 if number & 1 else number >> 1


def fixed_values(raw: bytes, form: str) -> tuple[float, ...]:
    """Packed fixed64 ('Q') or double ('d') values. Raises DecodeError."""
    if len(raw) % 8:
        raise wire.DecodeError("the message ends within a packed value")
    return unpack(f"<{len(raw) // 8}{form}", raw)


def exponential_buckets(buf: bytes, ranges: list[Range]) -> tuple[int, list[int]]:
    """ExponentialHistogramDataPoint.Buckets as offset and counts."""
    offset = 0
    counts: list[int] = []
    for pos, end in ranges:
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x08:
                value, pos = wire.read_varint(buf, pos, end)
                offset = zigzag(value)
            elif tag == 0x12:
                at, pos = wire.read_length(buf, pos, end)
                while at < pos:
                    value, at = wire.read_varint(buf, at, pos)
                    counts.append(value)
            elif tag == 0x10:
                value, pos = wire.read_varint(buf, pos, end)
                counts.append(value)
            else:
                pos = wire.skip(buf, pos, end, tag)
    return offset, counts


def quantile_values(buf: bytes, ranges: list[Range]) -> tuple[list[float], list[float]]:
    """SummaryDataPoint.ValueAtQuantile messages as quantiles and their values."""
    quantiles: list[float] = []
    values: list[float] = []
    for pos, end in ranges:
        quantile = value = 0.0
        while pos < end:
            tag, pos = wire.read_varint(buf, pos, end)
            if tag == 0x09:
                quantile = wire.read_double(buf, pos, end)
                pos += 8
            elif tag == 0x11:
                value = wire.read_double(buf, pos, end)
                pos += 8
            else:
                pos = wire.skip(buf, pos, end, tag)
        quantiles.append(quantile)
        values.append(value)
    return quantiles, values
