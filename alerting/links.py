"""Addresses of our own pages, for whoever is told of an alert."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from alerting.labels import Labels
from alerting.rules import Rule

ERRORS = "level:(ERROR OR CRITICAL)"


class Links:
    """Whole addresses where the public one is known, else paths."""

    def __init__(self, public_url: str | None = None) -> None:
        self._base = (public_url or "").rstrip("/")

    def of_rule(self, rule_id: object) -> dict[str, str]:
        return {"rule": self._page("alerts", rule_id=str(rule_id))}

    def of_alert(
        self, rule: Rule, labels: Labels, instance_id: object, context: Mapping[str, Any], at: datetime
    ) -> dict[str, str]:
        """at: when it was measured; what was measured lies within the rule's window before it."""
        links = self.of_rule(rule.id) | {"alert": self._page("alerts", instance_id=str(instance_id))}
        within = {"from": (at - rule.window).isoformat(), "to": at.isoformat()}
        if rule.metric_type in ("logs", "error_count"):
            links["logs"] = self._page("logs", q=_search(rule, labels), **within)
        elif rule.metric_type == "traces":
            links["traces"] = self._page("traces", q=_search(rule, labels), **within)
        if isinstance(trace_id := context.get("trace_id"), str):
            links["trace"] = self._page("traces", trace_id=trace_id)
        runbook = dict(rule.annotations).get("runbook_url", "")
        if runbook.startswith(("https://", "http://")):
            links["runbook"] = runbook
        return links

    def _page(self, name: str, **parameters: str) -> str:
        return f"{self._base}/admin/{name}?{urlencode(parameters)}"


def _search(rule: Rule, labels: Labels) -> str:
    asked = ERRORS if rule.metric_type == "error_count" else rule.query
    parts = [f"({asked})"] if asked else []
    parts += [f"{name}:{_quoted(value)}" for name, value in labels if name in rule.group_by]
    return " AND ".join(parts)


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
