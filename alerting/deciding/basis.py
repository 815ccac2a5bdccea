"""What a rule asks: when that changes, what was learned from earlier answers counts no more."""

from hashlib import blake2b

from alerting.rules import Rule


def basis_of(rule: Rule) -> str:
    """The same for rules that measure and compare the same; how long, how often and whom to tell do not matter."""
    asked = (
        rule.metric_type,
        rule.condition.value,
        float(rule.threshold),
        rule.window.total_seconds(),
        rule.custom_sql,
        rule.query,
        rule.of_query,
        rule.metric_name,
        rule.aggregation,
        rule.group_by,
    )
    return blake2b(repr(asked).encode(), digest_size=8).hexdigest()
