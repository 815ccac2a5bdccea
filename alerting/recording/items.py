"""What people are told of an alert or of a rule, put together when it is decided."""

import math
from dataclasses import replace
from datetime import datetime

from alerting.links import Links
from alerting.notices import Item, Told
from alerting.recording.book import Page
from alerting.recording.instances import Instance
from alerting.rules import Rule

MOST_ROWS = 5


def item_of_alert(rule: Rule, page: Page, instance: Instance, told: Told, links: Links, now: datetime) -> Item:
    """value: as of now, where there is one."""
    context = page.context or instance.context
    value = instance.value if page.value is None else page.value
    return replace(
        item_of_rule(rule, told, instance.message, instance.triggered_at, links, until=instance.resolved_at),
        instance_id=instance.id,
        value=value if value is not None and math.isfinite(value) else None,
        fingerprint=instance.fingerprint,
        acknowledged_by=instance.acknowledged_by,
        labels=rule.alert_labels(page.labels),
        links=links.of_alert(rule, page.labels, instance.id, context, now),
        rows=tuple(context.get("rows", ())[:MOST_ROWS]),
    )


def item_of_rule(
    rule: Rule, told: Told, message: str, since: datetime, links: Links, until: datetime | None = None
) -> Item:
    """About the rule alone, as a notice says that it is in trouble, or no more."""
    return Item(
        told=told,
        instance_id=None,
        rule_id=rule.id,
        rule_name=rule.name,
        severity=rule.severity,
        metric_type=rule.metric_type,
        condition=rule.condition.value,
        threshold=rule.threshold,
        window_minutes=int(rule.window.total_seconds() // 60),
        value=None,
        message=message,
        triggered_at=since,
        resolved_at=until,
        description=rule.description,
        labels=rule.alert_labels(()),
        annotations=dict(rule.annotations),
        links=links.of_rule(rule.id),
    )
