"""All checks there are, by what they need, in the order they are told."""

from collections.abc import Awaitable, Callable
from typing import Any

from server.doctor import (
    alerts,
    certificates,
    clock,
    configuration,
    disks,
    keys,
    maintenance,
    partitions,
    ports,
    retention,
    schema,
    spools,
    start,
)
from server.doctor.finding import Finding
from server.settings import Settings

Here = Callable[[Settings], list[Finding]]
There = Callable[[Settings, Any], Awaitable[list[Finding]]]

HERE: dict[str, Here] = {
    "settings": start.settings_fit,
    "data": start.embedded_data,
    "ports": ports.claims,
    "tls": certificates.certificates,
    "spool": spools.backlog,
    "disk": disks.local_disks,
}
"""Of this machine; the database MAY be away."""
OF_SERVER: dict[str, There] = {
    "database": configuration.version,
    "pooler": configuration.pooler,
    "parameters": configuration.parameters,
    "connections": configuration.connections,
    "archive": configuration.archive,
    "clock": clock.clock,
    "disk": disks.database_disk,
}
"""Of any PostgreSQL."""
OF_TABLES: dict[str, There] = {
    "owner": schema.ownership,
    "roles": schema.grants,
    "indexes": schema.indexes,
    "partitions": partitions.coverage,
    "left over": partitions.left_overs,
    "default": partitions.default_rows,
    "retention": retention.bounds,
    "leases": maintenance.leases,
    "jobs": maintenance.runs,
    "lag": maintenance.lags,
    "spools": spools.elsewhere,
    "keys": keys.keys,
    "people": keys.people,
    "channels": alerts.channels,
    "notices": alerts.notices,
    "rules": alerts.rules,
}
"""Of one that has all tables."""
