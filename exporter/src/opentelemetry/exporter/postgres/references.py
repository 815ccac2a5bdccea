"""What rows refer to: resources, scopes, operations, bounds and series. Written before the rows, once a day each."""

from collections.abc import Sequence

from opentelemetry.exporter.postgres.array_text import array, texts
from opentelemetry.exporter.postgres.batch import Batch, Resource, Scope, Series
from opentelemetry.exporter.postgres.connecting import Connection
from opentelemetry.exporter.postgres.position import Position
from opentelemetry.exporter.postgres.sql_text import sql

_ADD_RESOURCES = sql("add_resources")
_ADD_SCOPES = sql("add_scopes")
_ADD_OPERATIONS = sql("add_operations")
_ADD_BOUNDS = sql("add_bounds")
_ADD_SERIES = sql("add_series")


async def add_references(connection: Connection, position: Position, batches: Sequence[Batch]) -> list[int]:
    """Writes what is not known to be there. Returns its ids, and the versions of series, known once it is committed."""
    resources = {key: value for batch in batches for key, value in batch.resources.items()}
    scopes = {key: value for batch in batches for key, value in batch.scopes.items()}
    operations = {key: value for batch in batches for key, value in batch.operations.items()}
    bounds = {key: value for batch in batches for key, value in batch.bounds.items()}
    missing = position.known.missing([*resources, *scopes, *operations, *bounds], position.day)
    series = position.missing_series(batches)
    if new_resources := [resources[id] for id in missing if id in resources]:
        await _add_resources(connection, new_resources)
    if new_scopes := [scopes[id] for id in missing if id in scopes]:
        await _add_scopes(connection, new_scopes)
    if new_operations := [(id, *operations[id]) for id in missing if id in operations]:
        await connection.execute(_ADD_OPERATIONS, *[list(column) for column in zip(*new_operations, strict=True)])
    if new_bounds := [id for id in missing if id in bounds]:
        await connection.execute(_ADD_BOUNDS, new_bounds, [array(bounds[id]) for id in new_bounds])
    if series:
        await _add_series(connection, series)
    return [*missing, *(each.version for each in series)]


async def _add_resources(connection: Connection, resources: Sequence[Resource]) -> None:
    await connection.execute(
        _ADD_RESOURCES,
        [resource.id for resource in resources],
        [resource.service_name for resource in resources],
        [resource.attributes.decode() for resource in resources],
        [resource.schema_url for resource in resources],
        [resource.dropped_attributes_count for resource in resources],
        [resource.entity_refs and resource.entity_refs.decode() for resource in resources],
    )


async def _add_scopes(connection: Connection, scopes: Sequence[Scope]) -> None:
    await connection.execute(
        _ADD_SCOPES,
        [scope.id for scope in scopes],
        [scope.name for scope in scopes],
        [scope.version for scope in scopes],
        [scope.attributes.decode() for scope in scopes],
        [scope.schema_url for scope in scopes],
        [scope.dropped_attributes_count for scope in scopes],
    )


async def _add_series(connection: Connection, series: Sequence[Series]) -> None:
    await connection.execute(
        _ADD_SERIES,
        array(each.id for each in series),
        texts(each.service_name for each in series),
        texts(each.name for each in series),
        texts(each.type for each in series),
        texts(each.unit for each in series),
        texts(each.temporality for each in series),
        array("NULL" if each.monotonic is None else each.monotonic for each in series),
        texts(each.attributes.decode() for each in series),
        texts(each.description for each in series),
        texts(None if each.metadata is None else each.metadata.decode() for each in series),
        array(each.resource_id for each in series),
        array(each.scope_id for each in series),
    )
