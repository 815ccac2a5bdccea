"""Times beyond what columns hold, and far from now."""

from tests.acceptance.checklist.cases import NOW, Case, a_record, a_span, at, span, spans, table, verify
from tests.otelgres_process import OtelgresProcess

DAY = 86_400 * 10**9
OLD, FUTURE = NOW - 60 * DAY, NOW + 400 * DAY
UINT64_MAX, INT64_MAX = 2**64 - 1, 2**63 - 1

CASES = table(
    *(
        Case(
            70,
            f"span at {time}",
            a_span(startTimeUnixNano=str(time), endTimeUnixNano=str(time)),
            [{"start_time": at(time)}],
        )
        for time in (INT64_MAX, INT64_MAX + 1, UINT64_MAX)
    ),
    Case(
        70,
        "record at the end of time",
        a_record(timeUnixNano=str(UINT64_MAX), observedTimeUnixNano=str(UINT64_MAX)),
        [{"timestamp": at(UINT64_MAX), "observed_time": at(UINT64_MAX)}],
        signal="logs",
    ),
    Case(
        71,
        "nanoseconds",
        lambda mark: spans(
            mark,
            span(mark, startTimeUnixNano=str(NOW + 123_456_789), endTimeUnixNano=str(NOW + 123_456_790)),
            span(
                mark, startTimeUnixNano=str(NOW + 123_456_788), endTimeUnixNano=str(NOW + 123_456_790), name="earlier"
            ),
        ),
        [
            {"operation_name": "earlier", "start_nanos": 788, "duration_ms": 2e-6},
            {"operation_name": "s", "start_nanos": 789, "end_nanos": 790, "duration_ms": 1e-6},
        ],
    ),
    Case(
        72,
        "older than the retention",
        a_span(startTimeUnixNano=str(OLD)),
        [{"start_time": at(OLD)}],
        message=f"{at(OLD):%Y-%m-%dT%H:%M:%SZ}",
    ),
    Case(
        72,
        "record older than the retention",
        a_record(timeUnixNano="1"),
        [{"timestamp": at(1)}],
        signal="logs",
        message="1970-01-01T00:00:00Z",
    ),
    Case(72, "a year ahead", a_span(startTimeUnixNano=str(FUTURE)), [{"start_time": at(FUTURE)}]),
)


@CASES
def test_times(receiver: OtelgresProcess, case: Case, way: str) -> None:
    verify(receiver, case, way)
