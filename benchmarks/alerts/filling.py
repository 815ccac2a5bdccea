"""What the rules look at: logs and traces of the last minutes, of several services."""

from typing import Any

from benchmarks.alerts.rules import SLOWLY, rules

LOGS = """
INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message)
SELECT now() - n * interval '1 second' * $2 / $1, CASE n % 20 WHEN 0 THEN 'ERROR' ELSE 'INFO' END, 'bench',
    'record ' || n
FROM generate_series(1, $1) AS n
"""
TRACES = """
INSERT INTO enterprise.traces (trace_id, entry_point, start_time, end_time, duration_ms, status)
SELECT md5(n::text), 'http', now() - n * interval '1 second' * $2 / $1, now(), n % 500, 'completed'
FROM generate_series(1, $1) AS n
"""


async def fill(connection: Any, items: int, seconds: float, count: int) -> None:
    """items logs and traces each, evenly over the last seconds, and so many rules."""
    await connection.execute(LOGS, items, seconds)
    await connection.execute(TRACES, items, seconds)
    await connection.execute(SLOWLY)
    await connection.execute("DELETE FROM enterprise.alert_rules")
    for rule in rules(count):
        places = ", ".join(f"${place}" for place in range(1, len(rule) + 1))
        columns = ", ".join(rule)
        await connection.execute(f"INSERT INTO enterprise.alert_rules ({columns}) VALUES ({places})", *rule.values())
    await connection.execute("ANALYZE")
