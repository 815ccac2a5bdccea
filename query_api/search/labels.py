"""The value of a field as text, which rows are grouped by."""

from query_api.search.arguments import Arguments
from query_api.search.compiling import OWN, RESOURCE, SCOPE
from query_api.search.errors import SearchError
from query_api.search.kinds import Choice
from query_api.search.signals import Column, Signal

_SCOPE_COLUMNS = {"name": "scope.name", "version": "scope.version"}


def label(signal: Signal, name: str, arguments: Arguments) -> str:
    """SQL for the value of a row's field, by the name that a search gives it; null where it has none.

    An attribute of the row goes before one of its resource. The statement MUST give the row's resource and scope these
    aliases where rows of the signal have them. Raises SearchError where they have none and are asked for theirs.
    """
    column = signal.columns.get(name)
    if column is not None:
        return _column(column)
    if not signal.has_origins and name.startswith((RESOURCE, SCOPE)):
        raise SearchError(f"{name} is none of its own fields", 0)
    for prefix, document in ((OWN, signal.attributes), (RESOURCE, "resource.attributes")):
        if name.startswith(prefix):
            return _attribute(document, name.removeprefix(prefix), arguments)
    if name.startswith(SCOPE):
        key = name.removeprefix(SCOPE)
        return _SCOPE_COLUMNS.get(key) or _attribute("scope.attributes", key, arguments)
    places = [_attribute(signal.attributes, name, arguments)]
    if name in signal.lifted:
        places.append(_column(signal.columns[signal.lifted[name]]))
    if signal.has_origins:
        places.append(_attribute("resource.attributes", name, arguments))
    return f"coalesce({', '.join(places)})"


def _column(column: Column) -> str:
    if not isinstance(column.kind, Choice) or column.kind.type_ == "text":
        return f"{column.expression}::text"
    names = " ".join(f"WHEN {stored} THEN '{name}'" for name, stored in column.kind.names.items())
    return f"CASE {column.expression} {names} END"


def _attribute(document: str, key: str, arguments: Arguments) -> str:
    return f"{document} ->> {arguments.add(key, 'text')}"
