"""What people say of a rule, wherever they say it, and what it is without their word."""

from pydantic import BaseModel, ConfigDict

from alerting.keeping import rule_fields as field


class Definition(BaseModel):
    """All that people say of a rule, but for whether the fields go together: see rule_checks.

    The fields are columns of enterprise.alert_rules; the defaults are theirs.
    """

    model_config = ConfigDict(extra="forbid")

    name: field.Name
    metric_type: field.MetricType
    condition: field.Comparison
    threshold: field.Threshold
    description: field.Description | None = None
    window_minutes: field.WindowMinutes = 5
    evaluation_interval_seconds: field.IntervalSeconds = 60
    custom_sql: field.CustomSql | None = None
    severity: field.Severity = "warning"
    notification_channels: field.Channels = ["slack"]
    cooldown_minutes: field.CooldownMinutes = 15
    enabled: bool = True
    query: field.Query | None = None
    of_query: field.OfQuery | None = None
    metric_name: field.MetricName | None = None
    aggregation: field.Aggregation | None = None
    group_by: field.GroupBy = []
    for_seconds: field.ForSeconds = 0
    keep_firing_for_seconds: field.KeepFiringForSeconds = 0
    windows_needed: field.WindowsNeeded = 1
    windows_seen: field.WindowsSeen = 1
    on_no_data: field.OnNoData = "keep"
    on_error: field.OnError = "keep"
    failures_before_notice: field.FailuresBeforeNotice = 5
    reminder_minutes: field.ReminderMinutes | None = None
    labels: field.Labels = {}
    annotations: field.Annotations = {}
