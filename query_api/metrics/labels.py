"""What series are grouped by: a service, attributes of the series, its resource or its scope."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, Field

from query_api.parameters import without_nul
from query_api.search.arguments import Arguments
from query_api.search.compiling import OWN, RESOURCE, SCOPE
from query_api.search.signals import METRICS

MOST_LABELS = 8
_SCOPE_COLUMNS = {"name": "scope.name", "version": "scope.version"}

Label = Annotated[str, AfterValidator(without_nul), Field(min_length=1, max_length=1000)]
By = Annotated[
    list[Label],
    Field(max_length=MOST_LABELS),
    Query(
        description="What to group by, as often as wanted; names as in a search. An attribute of the series goes "
        "before one of its resource with the same name.",
        openapi_examples={"none": {"value": []}, "two": {"value": ["service", "http.route"]}},
    ),
]


def label(name: str, arguments: Arguments) -> str:
    """SQL for the value of a series under this name, as text; null where it has none."""
    column = METRICS.columns.get(name)
    if column is not None:
        return column.expression
    for prefix, document in ((OWN, METRICS.attributes), (RESOURCE, "resource.attributes")):
        if name.startswith(prefix):
            return _attribute(document, name.removeprefix(prefix), arguments)
    if name.startswith(SCOPE):
        key = name.removeprefix(SCOPE)
        return _SCOPE_COLUMNS.get(key) or _attribute("scope.attributes", key, arguments)
    own = _attribute(METRICS.attributes, name, arguments)
    return f"coalesce({own}, {_attribute('resource.attributes', name, arguments)})"


def _attribute(document: str, key: str, arguments: Arguments) -> str:
    return f"{document} ->> {arguments.add(key, 'text')}"
