"""A thousand rules of many kinds: a tenth slow, a tenth failing, some of them grouped."""

from collections.abc import Iterator
from typing import Any

SLOW_SECONDS = 1.5
# The login of custom_sql may not call pg_sleep itself, and nothing that runs with another's rights.
SLOWLY = "CREATE FUNCTION enterprise.slowly(float8) RETURNS void LANGUAGE internal STRICT AS 'pg_sleep'"
SLOW_SQL = f"SELECT 1 AS value FROM enterprise.slowly({SLOW_SECONDS})"

KINDS: tuple[dict[str, Any], ...] = (
    {"metric_type": "error_count", "threshold": 10},
    {"metric_type": "error_count", "threshold": 10**9},
    {"metric_type": "error_rate", "threshold": 50},
    {"metric_type": "latency_p95", "threshold": 10**9},
    {"metric_type": "logs", "query": "record AND level:error", "aggregation": "count", "threshold": 10**9},
    {"metric_type": "logs", "query": "level:error", "aggregation": "rate", "threshold": 1, "group_by": ["service"]},
    {"metric_type": "traces", "aggregation": "p95", "threshold": 10**9, "group_by": ["service"]},
    {"metric_type": "error_count", "threshold": 1, "group_by": ["service"]},
    {"metric_type": "custom_sql", "custom_sql": SLOW_SQL, "threshold": 10},
    {"metric_type": "custom_sql", "custom_sql": "SELECT 1 / 0", "threshold": 10, "failures_before_notice": 0},
)


def rules(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield {"name": f"{kind['metric_type']} {number}", "condition": "gt", "notification_channels": []} | kind
