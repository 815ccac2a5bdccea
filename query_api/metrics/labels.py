"""What series are grouped by: a service, attributes of the series, its resource or its scope."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, Field

from query_api.parameters import without_nul

MOST_LABELS = 8

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
