"""The files of examples/grafana."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.grafana_queries import Query, queries

FOLDER = Path(__file__).parents[1] / "examples" / "grafana"
DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((FOLDER / "dashboards").glob("*.json"))
}
QUERIES: list[Query] = [query for dashboard in DASHBOARDS.values() for query in queries(dashboard)]


def provisioned(kind: str) -> dict[str, Any]:
    """What Grafana reads of a kind (datasources, dashboards)."""
    content: dict[str, Any] = YAML(typ="safe").load((FOLDER / "provisioning" / kind / "otelgres.yaml").read_text())
    return content


def query_of(dashboard: str, panel: str) -> Query:
    """The query of a dashboard's only panel of a kind."""
    (found,) = [query for query in QUERIES if query.dashboard == f"otelgres-{dashboard}" and query.panel == panel]
    return found
