"""Everything that is kept, as a file of alerts that makes the same again."""

import io
from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from alerting.keeping.definitions import Definition
from alerting.keeping.routing import Inhibition, NoticeRoute
from alerting.keeping.silences import Silence
from alerting.provisioning.secrets import reference_of
from alerting.provisioning.yaml_text import write_yaml
from database.queries import load

SQL = load(__package__)


async def export(connection: Any) -> str:
    """YAML of channels, routes, inhibitions, silences that are not over, and rules but those that others report.

    Secrets are references to the environment; the file can be applied where the variables are set.
    """
    kept: Mapping[str, list[Mapping[str, Any]]] = await connection.fetchval(SQL["everything"])
    names = Counter(rule["name"] for rule in kept["rules"])
    content = {
        "channels": {row["name"]: _channel(row) for row in kept["channels"]},
        "routes": [{"name": row["name"], **_said(row, NoticeRoute)} for row in kept["routes"]],
        "inhibitions": {row["name"]: _said(row, Inhibition) for row in kept["inhibitions"]},
        "silences": [{"id": row["id"], **_said(row, Silence)} for row in kept["silences"]],
        "rules": [
            ({"id": row["id"]} if names[row["name"]] > 1 else {}) | _said(row, Definition) for row in kept["rules"]
        ],
    }
    stream = io.StringIO()
    write_yaml({part: rows for part, rows in content.items() if rows}, stream)
    return stream.getvalue()


def _said(row: Mapping[str, Any], shape: type[BaseModel]) -> dict[str, Any]:
    """The fields that say something else than their defaults."""
    return {
        name: row[name]
        for name, field in shape.model_fields.items()
        if row[name] is not None and (field.is_required() or row[name] != field.get_default(call_default_factory=True))
    }


def _channel(row: Mapping[str, Any]) -> dict[str, Any]:
    secrets = {key: reference_of(row["name"], key) for key in row["secrets"]}
    parts = {"kind": row["kind"], "settings": row["settings"], "secrets": secrets}
    return {name: part for name, part in parts.items() if part}
