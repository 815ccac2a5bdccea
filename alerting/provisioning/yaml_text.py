"""YAML 1.2 as plain Python values, and the line of each."""

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.representer import SafeRepresenter

Path = tuple[str | int, ...]
# Values are checked as what they have to be, times among them.
_TEXTS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp")


class NotPlain(Exception):
    """It is no YAML, or no plain one; `line` counts from 1, 0 where there is none."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def read_yaml(text: str) -> tuple[Any, dict[Path, int]]:
    """The values and their lines by path, of members the key's. Raises NotPlain."""
    reader = YAML(typ="safe", pure=True)
    lines: dict[Path, int] = {(): 1}
    try:
        node = reader.compose(text)
        return (None if node is None else _plain(reader, node, (), lines)), lines
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotPlain(f"is no YAML: {error.problem or error.context}", mark.line + 1 if mark else 0) from None
    except (YAMLError, ValueError) as error:
        raise NotPlain(f"is no YAML: {' '.join(str(error).split())}", 0) from None
    except RecursionError:
        raise NotPlain("holds itself, or is nested too deeply", 0) from None


class _Representer(SafeRepresenter):
    """A text with U+0085 is quoted with escapes; plain it would be read as a line break."""

    def represent_str(self, data: str) -> Node:
        return self.represent_scalar("tag:yaml.org,2002:str", data, style='"' if "\x85" in data else None)


_Representer.add_representer(str, _Representer.represent_str)


def write_yaml(value: Any, stream: Any) -> None:
    writer = YAML(typ="safe", pure=True)
    writer.Representer = _Representer
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.width = 4096
    writer.dump(value, stream)


def _plain(reader: YAML, node: Node, path: Path, lines: dict[Path, int]) -> Any:
    if isinstance(node, MappingNode):
        return _mapping(reader, node, path, lines)
    if isinstance(node, SequenceNode):
        values = []
        for place, item in enumerate(node.value):
            lines[(*path, place)] = item.start_mark.line + 1
            values.append(_plain(reader, item, (*path, place), lines))
        return values
    assert isinstance(node, ScalarNode)
    if str(node.tag) in _TEXTS:
        return node.value
    return reader.constructor.construct_object(node)


def _mapping(reader: YAML, node: MappingNode, path: Path, lines: dict[Path, int]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            raise NotPlain("has a key that is no text", line)
        if key.value in values:
            raise NotPlain(f"has {key.value} twice", line)
        lines[(*path, key.value)] = line
        values[key.value] = _plain(reader, value, (*path, key.value), lines)
    return values
