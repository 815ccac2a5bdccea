"""How full the memory of hosts is, by the metrics that OpenTelemetry's instrumentations send."""

from typing import Any

from alerting.measurements import Measured
from alerting.measuring.asked import Asked
from alerting.measuring.samples import MOST_SAMPLES, samples_of
from alerting.measuring.searched import labels_sql
from database.queries import load
from query_api.search.arguments import Arguments
from query_api.search.signals import METRICS

SQL = load(__package__)


async def measure_memory(connection: Any, asked: Asked) -> Measured:
    """Percent: the fullest host of each label set."""
    names = asked.rule.group_by
    arguments = Arguments((asked.since, asked.until))
    text = SQL["memory"].format(labels=labels_sql(METRICS, names, arguments), most=MOST_SAMPLES + 1)
    return samples_of(await connection.fetch(text, *arguments.values), names, nothing=None)
