"""The receiver's state at the moment that somebody asks: what it holds, what waits, what is on disk."""

import time
from collections.abc import Callable, Sequence

from opentelemetry.exporter.postgres.writer import Writer
from opentelemetry.metrics import Meter

from receiver.intake import Intake
from receiver.spool import Spool
from receiver.tally import gauge


def observe_intake(meter: Meter, intake: Intake) -> None:
    gauge(
        meter,
        "otelgres.receiver.held",
        "By",
        "Bytes of requests that are not answered yet.",
        lambda: intake.admission.held_bytes,
    )


def observe_writer(meter: Meter, writer: Writer) -> None:
    gauge(
        meter,
        "otelgres.writer.queue",
        "{request}",
        "Requests that wait for a transaction.",
        lambda: writer.queued_requests,
    )
    gauge(
        meter,
        "otelgres.writer.available",
        "1",
        "1 while the database takes data, else 0.",
        lambda: int(bool(writer.availability)),
    )


def observe_spools(meter: Meter, spools: Callable[[], Sequence[Spool]]) -> None:
    """`spools`: all that this process empties, its own and those it adopted."""
    gauge(
        meter,
        "otelgres.spool.requests",
        "{request}",
        "Requests on disk that wait for the database.",
        lambda: sum(spool.rows for spool in spools()),
    )
    gauge(
        meter,
        "otelgres.spool.size",
        "By",
        "What they take on disk.",
        lambda: sum(spool.used_bytes for spool in spools()),
    )
    gauge(meter, "otelgres.spool.oldest.age", "s", "Age of the oldest of them.", lambda: _oldest_age(spools()))


def _oldest_age(spools: Sequence[Spool]) -> float:
    received_ns = [spool.first_received_ns for spool in spools if spool.rows and spool.first_received_ns]
    return max(0.0, (time.time_ns() - min(received_ns)) / 1e9) if received_ns else 0.0
