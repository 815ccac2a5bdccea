"""Whether alert rules are evaluated, and whether what they say reaches anybody."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from alerting.delivery.channels import Unconfigured, read_channel
from database.queries import load
from server.alert_channels import environment
from server.doctor.finding import Finding, note, ok, warning
from server.doctor.wording import count, names, span
from server.settings import Settings

SQL = load(__package__)
SECRETS = {"slack": "webhook_url", "pagerduty": "routing_key", "apprise": "url"}
"""By kind, the secret without which it does nothing."""
SENT_WITHIN = 600.0


async def channels(settings: Settings, connection: Any) -> list[Finding]:
    """Of those that rules and routes name."""
    known = environment(settings)
    unfit = {}
    for row in await connection.fetch(SQL["channels_in_use"]):
        try:
            channel = await read_channel(connection, row["name"], known)
            if channel.kind in SECRETS:
                channel.secret(SECRETS[channel.kind])
        except Unconfigured as error:
            unfit[row["name"]] = str(error)
    return judge_channels(unfit)


def judge_channels(unfit: Mapping[str, str]) -> list[Finding]:
    """By the channel's name, why it tells nobody."""
    return [
        warning(
            f"alerts for {name} reach nobody: {reason}", "configure it, or name another channel in rules and routes"
        )
        for name, reason in unfit.items()
    ] or [ok("all channels that rules and routes name are configured")]


class Notices(NamedTuple):
    """waiting_seconds: since when the oldest that is due waits; None: none does. failed: in the last day."""

    waiting_seconds: float | None
    failed: int
    error: str | None


async def notices(settings: Settings, connection: Any) -> list[Finding]:
    row = await connection.fetchrow(SQL["notices"])
    return judge_notices(Notices(row["waiting_seconds"], row["failed"], row["error"]))


def judge_notices(found: Notices) -> list[Finding]:
    return list(_judge_notices(found)) or [ok("notices are sent")]


def _judge_notices(found: Notices) -> Iterable[Finding]:
    if found.waiting_seconds is not None and found.waiting_seconds > SENT_WITHIN:
        yield warning(
            f"a notice waits for {span(found.waiting_seconds)}{_because(found.error)}",
            "look at its attempts on the page of alerts; see that `otelgres serve` runs",
        )
    if found.failed:
        yield warning(
            f"{count(found.failed, 'notice')} failed for good in the last day{_because(found.error)}",
            "test the channel on the page of alerts",
        )


def _because(error: str | None) -> str:
    return f": {error}" if error else ""


class Rule(NamedTuple):
    """One that is enabled. error: since it fails; late: it was not evaluated in time."""

    name: str
    error: str | None
    late: bool
    needs_login: bool


async def rules(settings: Settings, connection: Any) -> list[Finding]:
    rows = await connection.fetch(SQL["rules"])
    found = [Rule(row["name"], row["error"], row["late"], row["needs_login"]) for row in rows]
    return judge_rules(found, has_login=settings.dsn is None or settings.alert_sql_dsn is not None)


def judge_rules(found: Sequence[Rule], *, has_login: bool) -> list[Finding]:
    return list(_judge_rules(found, has_login)) or [ok("alert rules are evaluated in time")]


def _judge_rules(found: Sequence[Rule], has_login: bool) -> Iterable[Finding]:
    late = [rule.name for rule in found if rule.late]
    if late:
        yield warning(f"alert rules are not evaluated in time: {names(late)}", "see that `otelgres serve` runs")
    for rule in found:
        if rule.error is not None:
            yield warning(f"the alert rule {rule.name!r} fails: {rule.error}", "correct it on the page of alerts")
    needy = [rule.name for rule in found if rule.needs_login]
    if needy and not has_login:
        yield note(f"alert rules have custom_sql, which cannot run: {names(needy)}", "set OTELGRES_ALERT_SQL_DSN")
