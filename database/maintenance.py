"""All jobs that keep the database in shape."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from database.attribute_census import AttributeCensus
from database.closing import ClosingIdle
from database.deletions import Deletions
from database.folding import Folding
from database.gen_ai import GenAi, Price, unpriced
from database.jobs import Job
from database.lease import Lease
from database.ledger import LedgerRotation
from database.live_indexing import LiveIndexing
from database.metric_rollup import MetricRollup
from database.partition_care import PartitionCare
from database.retention import Retention
from database.retention_rules import RetentionRules
from database.sealing import Sealing
from database.service_map import ServiceMap


def jobs(
    pool: Any,
    lease: Lease,
    *,
    retention_days: int,
    days_kept: Mapping[str, int] = MappingProxyType({}),
    most_bytes: int | None = None,
    price: Price = unpriced,
) -> list[Job]:
    """The jobs in the order they should first run. All work under the one lease, through one pool.

    days_kept has the tables with a retention of their own; most_bytes is what all telemetry may take; price says what a
    call of a model costs.
    """
    return [
        PartitionCare(pool, lease, retention_days, days_kept),
        Folding(lease),
        MetricRollup(lease, retention_days, days_kept),
        GenAi(lease, retention_days, price),
        AttributeCensus(lease, retention_days),
        ServiceMap(lease, retention_days),
        ClosingIdle(lease),
        LedgerRotation(lease),
        Sealing(pool, lease),
        LiveIndexing(lease),
        Retention(pool, lease, retention_days, days_kept, most_bytes),
        RetentionRules(pool, lease),
        Deletions(pool, lease),
    ]
