"""Policies as tests give them, and what is kept of them."""

import json
from typing import Any

from alerting.labels import fingerprint, labels_of
from tests.served_api import sql

CRITICAL = [{"name": "severity", "op": "=", "value": "critical"}]


def audited(dsn: str) -> list[dict[str, Any]]:
    """The audit, oldest first."""
    rows = [dict(row) for row in sql(dsn, "SELECT * FROM enterprise.alert_audit ORDER BY id")]
    return [row | {name: row[name] and json.loads(row[name]) for name in ("before", "after")} for row in rows]


def kept_in_a_file(dsn: str, what: str, file: str) -> None:
    sql(dsn, f"UPDATE enterprise.alert_{what} SET provisioned_from = $1", file)


def open_instance(dsn: str, rule: str, labels: dict[str, str] | None = None, **columns: Any) -> str:
    """A firing alert of the rule of that name, which is made where there is none, evaluated tomorrow; its id."""
    found = sql(dsn, "SELECT id FROM enterprise.alert_rules WHERE name = $1", rule) or sql(
        dsn,
        "INSERT INTO enterprise.alert_rules (name, metric_type, condition, threshold, labels, last_evaluated_at, "
        "evaluation_interval_seconds) "
        "VALUES ($1, 'elsewhere', 'gt', 10, '{\"team\": \"web\"}', now(), 86400) RETURNING id",
        rule,
    )
    named = labels_of(labels or {})
    row = {
        "rule_id": found[0]["id"],
        "labels": json.dumps(labels or {}),
        "fingerprint": fingerprint(named),
        "metric_value": 11.0,
        "threshold_value": 10.0,
        "message": f"{rule}: error_count is 11 (threshold: 10)",
    } | columns
    values = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    statement = f"INSERT INTO enterprise.alert_instances ({', '.join(row)}) VALUES ({values}) RETURNING id"
    return str(sql(dsn, statement, *row.values())[0]["id"])
