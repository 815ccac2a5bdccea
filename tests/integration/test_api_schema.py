"""Whatever OpenAPI allows, and what it does not, is answered as OpenAPI says, and never by a failure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.app import create_app
from server.settings import Settings
from tests.conftest import copied
from tests.metered import add_metrics
from tests.searchable import add_logs, add_origins, add_traces
from tests.served_api import served_api

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
# An answer without an end; tests/integration/test_tail_events.py asks it.
ENDLESS = "/api/observability/logs/stream"
PATHS = create_app(Settings(), "postgresql://").openapi()["paths"]
ASKED = sorted(
    (path, method)
    for path in PATHS
    if path.startswith(("/api/observability", "/api/retention")) and path != ENDLESS
    for method in PATHS[path]
)
# Any text may be the id of a trace, so nothing there can be wrong, nor where there are no parameters.
CASES = [(path, method, GenerationMode.POSITIVE) for path, method in ASKED] + [
    (path, method, GenerationMode.NEGATIVE)
    for path, method in ASKED
    if not path.endswith(("{trace_id}", "/outline")) and "parameters" in PATHS[path][method]
]


@pytest.fixture(scope="module")
def described(postgres_dsn: str, template_database: str) -> Iterator[Any]:
    """The description that the API gives of itself, over some telemetry."""
    for dsn in copied(postgres_dsn, template_database):
        now = datetime.now(UTC)
        add_origins(dsn)
        add_logs(dsn, now)
        add_traces(dsn, now)
        add_metrics(dsn, now)
        with served_api(dsn) as api:
            yield schemathesis.openapi.from_url(str(api.base_url.join("/api/openapi.json")))


@pytest.mark.parametrize(("path", "method", "mode"), CASES, ids=lambda value: getattr(value, "value", value))
def test_every_answer_is_described(described: Any, path: str, method: str, mode: GenerationMode) -> None:
    @given(case=described[path][method.upper()].as_strategy(generation_mode=mode))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS)

    ask()
