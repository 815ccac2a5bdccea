"""What the receiver tells of itself: instruments, the ingest report, and log lines about refusals."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from time import monotonic, perf_counter

from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.requests import Outcome, Request
from opentelemetry.metrics import CallbackOptions, Meter, Observation

from receiver.arrivals import Arrival
from receiver.ingest_report import IngestReport, Kind, without_values
from receiver.refusal_log import RefusalLog
from receiver.refusals import Refused
from receiver.tally import Tally

DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
MAX_SAMPLE_TEXT = 480
"""Characters; at four bytes each they still fit into 2 kB."""
UNLISTED = "more than a request's answer lists"


class Telemetry:
    """Counts every Export request of this process once: answered(), refused() or abandoned()."""

    def __init__(self, meter: Meter, report: IngestReport) -> None:
        self.report = report
        self.refusal_log = RefusalLog()
        self._durations = meter.create_histogram(
            "otelgres.receiver.request.duration",
            "s",
            "From a request's arrival to its answer.",
            explicit_bucket_boundaries_advisory=DURATIONS,
        )
        self._requests = Tally(
            meter,
            "otelgres.receiver.requests",
            "{request}",
            "Export requests by what became of them: stored, spooled, repeated, refused, deferred or abandoned.",
            ("signal", "transport", "outcome"),
        )
        self._items = Tally(
            meter,
            "otelgres.receiver.items",
            "{item}",
            "Spans, log records and data points by what became of them: stored, spooled, rejected, repeated, refused "
            "or deferred.",
            ("signal", "transport", "outcome"),
        )
        self._altered = Tally(
            meter,
            "otelgres.receiver.altered_items",
            "{item}",
            "Items stored with a change, such as U+0000 replaced.",
            ("signal", "transport", "reason"),
        )
        self._refusals = Tally(
            meter,
            "otelgres.receiver.refusals",
            "{request}",
            "Refused requests by the kind of refusal.",
            ("signal", "transport", "error.type", "retryable"),
        )
        meter.create_observable_counter(
            "otelgres.receiver.report.dropped",
            [self._observe_dropped],
            "{line}",
            "Lines of the ingest report that were lost because the database was away for too long.",
        )

    def answered(self, arrival: Arrival, outcome: Outcome) -> None:
        """A success, be it a partial one."""
        became = "repeated" if outcome.repeated else "spooled" if outcome.spooled else "stored"
        self._finish(arrival, became)
        self._count_items(arrival, became, arrival.items - outcome.rejected)
        if outcome.repeated:
            self._report_repeated(arrival)
            return
        if outcome.rejected:
            self._count_items(arrival, "rejected", outcome.rejected)
            self._report_rejected(arrival, outcome)
        if arrival.request is not None:
            self._report_altered(arrival, arrival.request.batch)

    def refused_from_spool(self, request: Request, outcome: Outcome) -> None:
        """Items that PostgreSQL refused of a request whose sender has had its answer. outcome: of those alone."""
        arrival = Arrival("spool", request.signal, request)
        self._count_items(arrival, "rejected", outcome.rejected)
        self._report_rejected(arrival, outcome)

    def refused(self, arrival: Arrival, refused: Refused) -> None:
        """A request that is not stored now, or never."""
        kind: Kind = "deferred" if refused.retryable else "refused"
        name = type(refused).__name__
        self._finish(arrival, kind)
        self._count_items(arrival, kind, arrival.items)
        self._refusals.add(1, arrival.signal_name, arrival.transport, name, str(refused.retryable).lower())
        answer = str(refused)[:MAX_SAMPLE_TEXT]
        self.refusal_log.refused(f"{kind} ({name})", answer, monotonic(), refused.__cause__)
        self._add(arrival, kind, refused.reason or without_values(answer), arrival.items, {"answer": answer})

    def abandoned(self, arrival: Arrival) -> None:
        """The sender hung up before its request was complete."""
        self._finish(arrival, "abandoned")

    def _finish(self, arrival: Arrival, outcome: str) -> None:
        labels = {"signal": arrival.signal_name, "transport": arrival.transport, "outcome": outcome}
        self._durations.record(perf_counter() - arrival.began, labels)
        self._requests.add(1, arrival.signal_name, arrival.transport, outcome)

    def _count_items(self, arrival: Arrival, outcome: str, items: int) -> None:
        if items:
            self._items.add(items, arrival.signal_name, arrival.transport, outcome)

    def _report_repeated(self, arrival: Arrival) -> None:
        digest = arrival.request.digest.hex() if arrival.request is not None else ""
        self._add(arrival, "repeated", "the same request was stored before", arrival.items, {"digest": digest})

    def _report_rejected(self, arrival: Arrival, outcome: Outcome) -> None:
        """The reasons that the answer lists, each once for each item; what it leaves out counts together."""
        told = (outcome.message or "").split("; ")
        reasons = Counter(without_values(text) for text in told if not text.startswith("and "))
        unlisted = outcome.rejected - reasons.total()
        if len(reasons) == 1:
            reasons = Counter(dict.fromkeys(reasons, outcome.rejected))
        elif unlisted > 0:
            reasons[UNLISTED] = unlisted
        answer = (outcome.message or "")[:MAX_SAMPLE_TEXT]
        self.refusal_log.refused("stored in part", answer, monotonic())
        for reason, items in reasons.items():
            self._add(arrival, "refused", reason, items, {"answer": answer})

    def _report_altered(self, arrival: Arrival, batch: Batch) -> None:
        for reason, items in batch.altered.items():
            names = ", ".join(name for _, name, _ in islice(batch.operations.values(), 3))
            sample = {"operations": names[:MAX_SAMPLE_TEXT]}
            self._altered.add(items, arrival.signal_name, arrival.transport, reason)
            self._add(arrival, "altered", reason, items, sample)

    def _add(self, arrival: Arrival, kind: Kind, reason: str, items: int, sample: Mapping[str, str]) -> None:
        self.report.add(
            kind,
            reason,
            signal="" if arrival.signal is None else arrival.signal_name,
            transport=arrival.transport,
            service=arrival.service,
            items=items,
            sample=sample,
        )

    def _observe_dropped(self, options: CallbackOptions) -> Iterable[Observation]:
        yield Observation(self.report.dropped)
