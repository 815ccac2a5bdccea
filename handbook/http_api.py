"""The reference of the HTTP API, read off its OpenAPI description."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from server.app import create_app
from server.settings import Settings

METHODS = ("get", "post", "put", "patch", "delete")
INTRODUCTION = """\
# HTTP API

Every route with its parameters and answers, read off the description that a running Otelgres serves as
`/api/openapi.json` and shows at `/api/docs`. Who may call what stands in [the table of routes](access-matrix.md). A
failure answers `{"detail": …}`; 401, 403, 500, 503 and 504 may come from any route and are left out below.
"""
EVERYWHERE = {"401", "403", "500", "503", "504"}

Node = dict[str, Any]


def page() -> str:
    """The page, from the application as it is."""
    description = create_app(Settings(), "postgresql://nowhere/none").openapi()
    lines = [INTRODUCTION]
    operations = [
        (operation.get("tags", ["others"])[0], method, path, operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    for tag, group in groupby(sorted(operations, key=lambda each: each[0]), key=lambda each: each[0]):
        lines.append(f"## {tag.capitalize()}\n")
        for _, method, path, operation in group:
            lines += _operation(method, path, operation)
    lines.append("## Objects\n")
    for name, schema in sorted(description["components"]["schemas"].items()):
        lines += _object(name, schema)
    return "\n".join(lines)


def _operation(method: str, path: str, operation: Node) -> Iterator[str]:
    yield f"### `{method.upper()} {path}`\n"
    yield f"{_text(operation.get('description', ''))}\n"
    parameters = operation.get("parameters", [])
    if parameters:
        yield "| Parameter | In | Type | Default | Meaning |"
        yield "|---|---|---|---|---|"
        for each in parameters:
            schema = each["schema"]
            default = "required" if each.get("required") else _default(schema)
            meaning = _cell(each.get("description") or schema.get("description", ""))
            yield f"| `{each['name']}` | {each['in']} | {_type(schema)} | {default} | {meaning} |"
        yield ""
    for kind, schema in _content(operation.get("requestBody", {})):
        yield f"Takes {_type(schema)} as `{kind}`.\n"
    for code, answer in operation["responses"].items():
        if code not in EVERYWHERE:
            shapes = " or ".join(f"{_type(schema)} as `{kind}`" for kind, schema in _content(answer))
            yield f"- **{code}** {_cell(answer.get('description', ''))}{': ' + shapes if shapes else ''}"
    yield ""


def _object(name: str, schema: Node) -> Iterator[str]:
    yield f"### {name}\n"
    if "description" in schema:
        yield f"{_text(schema['description'])}\n"
    properties = schema.get("properties")
    if not properties:
        yield f"{_type(schema)}\n"
        return
    required = set(schema.get("required", []))
    yield "| Field | Type | Default | Meaning |"
    yield "|---|---|---|---|"
    for field, inner in properties.items():
        default = "required" if field in required else _default(inner)
        yield f"| `{field}` | {_type(inner)} | {default} | {_cell(inner.get('description', ''))} |"
    yield ""


def _content(part: Node) -> Iterator[tuple[str, Node]]:
    for kind, content in part.get("content", {}).items():
        yield kind, content.get("schema", {})


def _type(schema: Node) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(_type(each) for each in schema[several]))
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{value}`" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict) and "properties" not in schema:
        return f"map of {_type(schema['additionalProperties'])}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _default(schema: Node) -> str:
    default = schema.get("default")
    return "" if default is None else f"`{_cell(json.dumps(default, ensure_ascii=False))}`"


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|").replace("\n", " ")


def _text(text: str) -> str:
    """Descriptions are plain lines: what Markdown would take for a link or a tag is none."""
    return text.strip().replace("<", "&lt;").replace("[", "\\[")
