"""Alerts that others found, Prometheus for one: reports by which rules of metric_type alertmanager are measured."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request, Response
from fastapi.encoders import jsonable_encoder

from alerting.alertmanager.errors import ERRORS, REFUSED, PlainErrors
from alerting.alertmanager.shapes import PostableAlert
from alerting.labels import fingerprint, labels_of
from database.queries import load
from query_api.parameters import Now
from query_api.snapshot import change

SQL = load(__package__)
RESOLVE_TIMEOUT = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(days=1)
MOST_ALERTS = 10_000
MOST_LABELS = 100
LONGEST_NAME = 255
LONGEST_TEXT = 10_000
LONGEST_SEVERITY = 20
router = APIRouter(tags=["alertmanager"], responses=ERRORS, route_class=PlainErrors)


@dataclass(frozen=True)
class Report:
    """An alert as it was posted: the rule that it belongs to, and what tells it apart from the rule's others."""

    name: str
    severity: str
    labels: dict[str, str]
    annotations: dict[str, str]
    generator_url: str | None
    starts_at: datetime
    ends_at: datetime

    @property
    def fingerprint(self) -> str:
        return fingerprint(labels_of(self.labels))


@router.post("/alerts", response_class=Response, responses=REFUSED)
async def post_alerts(
    request: Request, now: Now, alerts: Annotated[list[PostableAlert], Body(max_length=MOST_ALERTS)]
) -> Response:
    """Takes alerts in. Each fires until its end, by default for 5 minutes, unless it is posted again.

    An alert belongs to the rule of its name and severity, which is made with the first of them; its other labels tell
    it apart there. Those that cannot be taken in are told by a 400, and the others are taken in all the same.
    """
    reports, mistakes = [], []
    for alert in alerts:
        mistake = _mistake(alert)
        if mistake is None:
            reports.append(_report(alert, now))
        else:
            mistakes.append(mistake)
    if reports:
        async with change(request) as connection:
            await keep(connection, reports, now)
    if mistakes:
        raise HTTPException(400, "; ".join(dict.fromkeys(mistakes)))
    return Response()


async def keep(connection: Any, reports: Iterable[Report], now: datetime) -> None:
    """Of several reports of one alert the last counts. Rules and reports are written in one order by all who do."""
    by_rule: dict[tuple[str, str], dict[str, Report]] = defaultdict(dict)
    for report in reports:
        by_rule[report.name, report.severity][report.fingerprint] = report
    for (name, severity), found in sorted(by_rule.items()):
        rule_id = await connection.fetchval(SQL["reported_rule"], name, severity)
        if rule_id is None:
            rule_id = await connection.fetchval(SQL["add_reported_rule"], name, severity)
        rows = [
            {"fingerprint": print_, "updated_at": now} | {field: getattr(report, field) for field in COLUMNS}
            for print_, report in sorted(found.items())
        ]
        await connection.execute(SQL["keep_reports"], rule_id, jsonable_encoder(rows))
        await connection.execute(SQL["forget_reports"], rule_id, now - FORGOTTEN_AFTER)


COLUMNS = ("labels", "annotations", "generator_url", "starts_at", "ends_at")


def _mistake(alert: PostableAlert) -> str | None:
    labels = _given(alert.labels)
    if not labels:
        return "at least one label pair required"
    if not labels.get("alertname"):
        return "the label alertname is required"
    if alert.starts_at and alert.ends_at and alert.ends_at < alert.starts_at:
        return "start time must be before end time"
    if len(labels) > MOST_LABELS or len(alert.annotations) > MOST_LABELS:
        return f"more than {MOST_LABELS} labels or annotations"
    for name, value in (*labels.items(), *alert.annotations.items()):
        if not 0 < len(name) <= LONGEST_NAME or len(value) > LONGEST_TEXT:
            return f"invalid label set: invalid name or too long a value of {name[:LONGEST_NAME]!r}"
    if len(labels["alertname"]) > LONGEST_NAME or len(alert.generator_url or "") > LONGEST_TEXT:
        return "alertname or generatorURL is too long"
    return None


def _report(alert: PostableAlert, now: datetime) -> Report:
    labels = _given(alert.labels)
    name, severity = labels.pop("alertname"), labels.get("severity", "")
    if 0 < len(severity) <= LONGEST_SEVERITY:
        del labels["severity"]
    else:
        severity = "warning"
    starts_at = alert.starts_at or min(alert.ends_at or now, now)
    return Report(
        name=name,
        severity=severity,
        labels=labels,
        annotations=dict(alert.annotations),
        generator_url=alert.generator_url,
        starts_at=starts_at,
        ends_at=alert.ends_at or now + RESOLVE_TIMEOUT,
    )


def _given(labels: dict[str, str]) -> dict[str, str]:
    """An empty label is none."""
    return {name: value for name, value in labels.items() if value}
