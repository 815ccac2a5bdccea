"""ExportMetricsServiceRequest to rows of enterprise.metric_points."""

from collections.abc import Callable

from opentelemetry.exporter.postgres import rows, wire
from opentelemetry.exporter.postgres.batch import Batch, Resource, Scope, Signal
from opentelemetry.exporter.postgres.copy_row import Row
from opentelemetry.exporter.postgres.distributions import Distributions
from opentelemetry.exporter.postgres.envelope import ITEMS_A_PAUSE, groups
from opentelemetry.exporter.postgres.exemplars import Exemplars
from opentelemetry.exporter.postgres.metric_fields import EXPONENTIAL, GAUGE, HISTOGRAM, SUM, MetricFields
from opentelemetry.exporter.postgres.origin import Origins
from opentelemetry.exporter.postgres.point_fields import DOUBLE, PointFields
from opentelemetry.exporter.postgres.series import Families, Family

TABLE = "metric_points"
COLUMNS = (
    "series_id",
    "time",
    "start_time",
    "time_nanos",
    "start_nanos",
    "flags",
    "exemplars",
    "value",
    "value_int",
    "count",
    "sum",
    "min",
    "max",
    "bounds_id",
    "bucket_counts",
    "scale",
    "zero_count",
    "zero_threshold",
    "positive_offset",
    "positive_counts",
    "negative_offset",
    "negative_counts",
    "quantiles",
    "quantile_values",
    "writer",
    "batch",
)
NO_RECORDED_VALUE = 1
_WIDTH = len(COLUMNS)
_PG_EPOCH = rows.PG_EPOCH
_NUMBER_COLUMNS = 2
_DISTRIBUTION_COLUMNS = 15
_NO_NUMBER = rows.NULL * _NUMBER_COLUMNS
_NO_DISTRIBUTION = rows.NULL * _DISTRIBUTION_COLUMNS


class MetricDecoder:
    """Decodes requests of metrics. Keeps what senders repeat; one a thread."""

    def __init__(self, origins: Origins, pause: Callable[[], object] | None = None) -> None:
        self._pause = pause
        self._origins = origins
        self._families = Families()
        self._metric = MetricFields()
        self._point = PointFields()
        self._distributions = Distributions()
        self._exemplars = Exemplars()
        self._row = Row()

    def decode(self, body: bytes, first: int = 0, last: int | None = None) -> Batch:
        """The batch of the data points with indexes `first` to `last` (excluded) of a serialized request.

        Raises DecodeError for bytes that are no protobuf message, InvalidRequest for another signal.
        """
        batch = Batch(Signal.METRICS)
        index = 0
        metric = self._metric
        for resource, scope, metrics in groups(body, self._origins):
            stored = len(batch.rows)
            for start, end in metrics:
                metric.read(body, start, end)
                if not metric.points:
                    continue
                family = self._family(resource, scope, body)
                for at, after in metric.points:
                    if index >= first and (last is None or index < last):
                        self._add(batch, family, body, at, after)
                    index += 1
                    if self._pause is not None and index % ITEMS_A_PAUSE == 0:
                        self._pause()
            if len(batch.rows) > stored:
                batch.add_origin(resource, scope)
        return batch

    def _family(self, resource: Resource, scope: Scope, buf: bytes) -> Family:
        metric = self._metric
        if metric.temporality == 0 and metric.kind in (SUM, HISTOGRAM, EXPONENTIAL):
            wire.altered("a sum or histogram states no temporality: it is kept, and left out of rates")
        return self._families.family(resource, scope, metric, buf)

    def _add(self, batch: Batch, family: Family, buf: bytes, pos: int, end: int) -> None:
        """Adds the row of one point, or rejects it."""
        metric = self._metric
        point = self._point
        batch.items += 1
        point.read(buf, pos, end, metric.kind)
        number = metric.kind in (GAUGE, SUM)
        recorded = point.flags < 0 or point.flags & NO_RECORDED_VALUE == 0
        refusal = None
        if not metric.name:
            refusal = "its metric has no name"
        elif point.time_ns == 0:
            refusal = "time_unix_nano is not set"
        elif recorded and number and not point.form:
            refusal = "it has no value, and no flag that says so"
        elif recorded and not number:
            refusal = self._distributions.refusal(buf, point, metric.kind)
        if refusal is not None:
            batch.reject(f"point {batch.items - 1}: {refusal}")
            return

        series = family.known.get(point.attributes)
        if series is None:
            series = self._families.series(family, point.attributes)
        batch.series[series.id] = series
        batch.timed = True
        time_us = point.time_ns // 1000
        batch.times.append(time_us)
        start_ns = 0 if metric.kind == GAUGE else point.start_ns

        row = self._row
        row.begin(_WIDTH)
        row.encoded(series.copy_id)
        row.bigint(time_us - _PG_EPOCH)
        if start_ns:
            row.bigint(start_ns // 1000 - _PG_EPOCH)
        else:
            row.null()
        row.smallint(point.time_ns % 1000)
        row.smallint(start_ns % 1000)
        if point.flags < 0:
            row.null()
        else:
            row.bigint(point.flags)
        exemplars = None if point.exemplars is None else self._exemplars.json(buf, point.exemplars)
        if exemplars is None:
            row.null()
        else:
            row.json(exemplars)
        if not recorded or not number:
            row.encoded(_NO_NUMBER)
        elif point.form == DOUBLE:
            # The bits of a double take the same eight bytes as an integer.
            row.bigint(point.bits)
            row.null()
        else:
            row.double(float(point.bits))
            row.bigint(point.bits)
        if recorded and not number:
            self._distributions.add(row, batch, point, metric.kind)
        else:
            row.encoded(_NO_DISTRIBUTION)
        batch.rows.append(row.take())
