"""Matchers as clients write them: `name="value"`, and with !=, =~ or !~."""

import re

from fastapi import HTTPException

from alerting.alertmanager import shapes
from alerting.policy.matching import Matcher

_WRITTEN = re.compile(r'\s*(?:"((?:[^"\\]|\\.)+)"|([^=!~"{}\s,]+))\s*(=~|!~|!=|=)\s*(.*?)\s*', re.DOTALL)
_ESCAPES = {"n": "\n", '"': '"', "\\": "\\"}


def read_filters(texts: list[str]) -> list[Matcher]:
    """A text that is no matcher is a 400."""
    return [_matcher(text) for text in texts]


def given(matcher: shapes.Matcher) -> dict[str, str]:
    """As a silence here has it."""
    op = ("=~" if matcher.is_equal else "!~") if matcher.is_regex else ("=" if matcher.is_equal else "!=")
    return {"name": matcher.name, "op": op, "value": matcher.value}


def shown(matcher: Matcher) -> shapes.Matcher:
    return shapes.Matcher(
        name=matcher.name,
        value=matcher.value,
        is_regex=matcher.op.endswith("~"),
        is_equal=not matcher.op.startswith("!"),
    )


def written(matcher: Matcher) -> str:
    value = matcher.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{matcher.name}{matcher.op}"{value}"'


def _matcher(text: str) -> Matcher:
    parts = _WRITTEN.fullmatch(text)
    if parts is None:
        raise HTTPException(400, f"bad matcher format: {text}")
    quoted, plain, op, value = parts.groups()
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = _unescaped(value[1:-1])
    try:
        return Matcher(_unescaped(quoted) if quoted else plain, op, value)
    except ValueError as error:
        raise HTTPException(400, f"bad matcher format: {error}") from None


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[0]), text, flags=re.DOTALL)
