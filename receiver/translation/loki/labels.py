"""Labels as text, `{app="shop", level="info"}`, the way they stand in Loki's protobuf."""

import re

from receiver.json_values import BadItem, utf8

_QUOTED = r'"(?:[^"\\]|\\.)*+"|`[^`]*+`'
_LABEL = re.compile(rf"\s*+([A-Za-z_:][\w:.]*+|{_QUOTED})\s*+=\s*+({_QUOTED})\s*+(?:,|(?=\}}))", re.DOTALL)
_END = re.compile(r"\s*+\}\s*+\Z")
_ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)", re.DOTALL)
_CONTROLS = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


def labels_of(text: str) -> dict[str, str]:
    """By name. Raises BadItem, which tells where the text is wrong."""
    at = text.find("{") + 1
    if not at or text[: at - 1].strip():
        raise BadItem("labels must stand in braces")
    found: dict[str, str] = {}
    while not _END.match(text, at):
        label = _LABEL.match(text, at)
        if label is None:
            raise BadItem(f'labels must be name="value" with commas between; character {at} begins none')
        found[_plain(label[1])] = _plain(label[2])
        at = label.end()
    return found


def _plain(text: str) -> str:
    """The content of a string as Go quotes it, or a name without quotes."""
    if text.startswith("`"):
        return text[1:-1]
    if not text.startswith('"'):
        return text
    return _ESCAPE.sub(_unescaped, utf8(text[1:-1])).decode(errors="replace")


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    if len(code) == 1:
        return bytes((_CONTROLS.get(code[0], code[0]),))
    if code[:1] in b"uU":
        point = int(code[1:], 16)
        return chr(point).encode(errors="replace") if point < 0x110000 else b"\xef\xbf\xbd"
    return bytes((int(code[1:], 16) if code[:1] == b"x" else int(code, 8) & 0xFF,))
