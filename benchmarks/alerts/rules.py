"""A thousand rules of many kinds: a tenth slow, a tenth failing, some of them grouped."""

from collections.abc import Iterator
from typing import Any

SLOW_SECONDS = 2.0
SLOWLY = f"""
CREATE FUNCTION enterprise.slowly() RETURNS float LANGUAGE sql SECURITY DEFINER
AS 'SELECT 1.0::float FROM pg_catalog.pg_sleep({SLOW_SECONDS})';
"""

KINDS: tuple[dict[str, Any], ...] = (
    {"metric_type": "error_count", "threshold": 10},
    {"metric_type": "error_count", "threshold": 10**9},
    {"metric_type": "error_rate", "threshold": 50},
    {"metric_type": "latency_p95", "threshold": 10**9},
    {"metric_type": "logs", "query": "record AND level:error", "aggregation": "count", "threshold": 10**9},
    {"metric_type": "logs", "query": "level:error", "aggregation": "rate", "threshold": 1, "group_by": ["service"]},
    {"metric_type": "traces", "aggregation": "p95", "threshold": 10**9, "group_by": ["service"]},
    {"metric_type": "error_count", "threshold": 1, "group_by": ["service"]},
    {"metric_type": "custom_sql", "custom_sql": "SELECT enterprise.slowly()", "threshold": 10},
    {"metric_type": "custom_sql", "custom_sql": "SELECT 1 / 0", "threshold": 10, "failures_before_notice": 0},
)


def rules(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield {"name": f"{kind['metric_type']} {number}", "condition": "gt", "notification_channels": []} | kind
