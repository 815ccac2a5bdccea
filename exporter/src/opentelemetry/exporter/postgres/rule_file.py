"""The file of attribute rules: TOML, one [[rule]] table a rule."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry.exporter.postgres.redaction import Action, Rule, Rules

if TYPE_CHECKING:
    from re2 import _Regexp

FIELDS = ("key", "action", "value", "service")
MIN_HASH_KEY = 16
SERVICE_NAME = "service.name"


class BadRules(ValueError):
    """The rules cannot be used; the text is one line that says where and why, and holds no secret."""


def read_rules(path: str | Path, hash_key: str | None, hash_key_name: str) -> Rules:
    """The rules of the file at `path`. Raises BadRules. hash_key_name: the setting that `hash_key` is read from."""
    if hash_key is not None and len(hash_key) < MIN_HASH_KEY:
        raise BadRules(f"{hash_key_name} must have at least {MIN_HASH_KEY} characters")
    try:
        content = tomllib.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise BadRules(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise BadRules(f"{path} is no TOML: {error}") from None
    tables = content.pop("rule", [])
    if content or not tables or not isinstance(tables, list):
        raise BadRules(f"{path} must hold [[rule]] tables and nothing else")
    rules = tuple(_rule(f"{path}, rule {number}", table) for number, table in enumerate(tables, 1))
    for number, rule in enumerate(rules, 1):
        if rule.action is Action.HASH and hash_key is None:
            raise BadRules(f"{path}, rule {number}, action: hash needs a key: set {hash_key_name}")
    return Rules(rules, (hash_key or "").encode())


def _rule(place: str, table: object) -> Rule:
    if not isinstance(table, dict):
        raise BadRules(f"{place}: must be a table")
    for name in table:
        if name not in FIELDS:
            raise BadRules(f"{place}, {name}: is no field of a rule; there are {', '.join(FIELDS)}")
    key = _text(place, table, "key")
    action = _text(place, table, "action")
    if key is None:
        raise BadRules(f"{place}, key: is missing")
    if key.casefold() == SERVICE_NAME:
        raise BadRules(f"{place}, key: {SERVICE_NAME} tells whose data it is, and stays")
    if action not in list(Action):
        raise BadRules(f"{place}, action: must be {', '.join(Action)}")
    value = _text(place, table, "value")
    pattern = None if value is None else _pattern(f"{place}, value", value)
    return Rule(key, Action(action), pattern, _text(place, table, "service"))


def _text(place: str, table: Mapping[str, object], name: str) -> str | None:
    text = table.get(name)
    if text is not None and not (isinstance(text, str) and text):
        raise BadRules(f"{place}, {name}: must be a text that is not empty")
    return text


def _pattern(place: str, value: str) -> "_Regexp[bytes]":
    try:
        import re2
    except ImportError:
        raise BadRules(f"{place}: needs google-re2: pip install 'opentelemetry-exporter-postgres[rules]'") from None
    options = re2.Options()
    options.log_errors = False
    try:
        pattern = re2.compile(value.encode(), options)
    except re2.error as error:
        reason = error.args[0]
        told = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
        raise BadRules(f"{place}: is no regular expression of RE2: {told}") from None
    if pattern.search(b"") is not None:
        raise BadRules(f"{place}: must not match an empty text")
    return pattern
