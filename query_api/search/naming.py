"""Names of fields, between what people write in a search and where their values were counted."""

from dataclasses import dataclass

from query_api.search.compiling import OWN, RESOURCE, SCOPE
from query_api.search.kinds import Choice, Kind, Scalar
from query_api.search.signals import LOGS, SPANS, TRACES, Column, Signal

SIGNALS = {"logs": LOGS, "spans": SPANS, "traces": TRACES}
PREFIXES = {"item": OWN, "resource": RESOURCE, "scope": SCOPE}
_COUNTED = {"log": "logs", "span": "spans", "trace": "traces"}
_TYPES = {"numeric": "number", "float8": "duration", "timestamptz": "time", "boolean": "boolean", "uuid": "string"}


@dataclass(frozen=True)
class Counted:
    """Where the values of a field were counted: signal, place and key of attribute_keys and attribute_values."""

    signal: str
    place: str
    key: str


def counted_in(signal: Signal) -> list[str]:
    """The signals that fields of this one are counted in."""
    return sorted({_column_counted(column).signal for column in signal.columns.values()})


def counted(signal: Signal, name: str) -> list[Counted]:
    """All that a test of this name looks at."""
    column = signal.columns.get(name)
    if column is not None:
        return [_column_counted(column)]
    own = _COUNTED[signal.row]
    for place, prefix in PREFIXES.items():
        if name.startswith(prefix):
            return [Counted(own, place, name.removeprefix(prefix))]
    found = [Counted(own, place, name) for place in PREFIXES]
    lifted = signal.columns.get(signal.lifted.get(name, ""))
    return [*found, _column_counted(lifted)] if lifted else found


def columns(signal: Signal, prefix: str) -> dict[str, tuple[Counted, str]]:
    """The columns with a name that begins so, in any case, by the first such name; with the type of their values."""
    named: dict[Counted, tuple[str, str]] = {}
    for name, column in signal.columns.items():
        if name.lower().startswith(prefix.lower()):
            named.setdefault(_column_counted(column), (name, _type(column.kind)))
    return {name: (where, type_) for where, (name, type_) in named.items()}


def name_of(signal: Signal, place: str, key: str) -> str:
    """How an attribute is written so that it is meant and no column; a row's own plainly where nothing else is."""
    mistakable = key in signal.columns or key.startswith(tuple(PREFIXES.values()))
    return key if place == "item" and not mistakable else PREFIXES[place] + key


def key_prefixes(prefix: str) -> dict[str, str | None]:
    """By place, how the keys begin whose names, or which themselves, begin so; None where there are none."""
    lower = prefix.lower()
    given = next((place for place, word in PREFIXES.items() if lower.startswith(word)), None)
    found: dict[str, str | None] = {}
    for place, word in PREFIXES.items():
        if given:
            found[place] = prefix[len(word) :] if place == given else None
        else:
            found[place] = "" if place != "item" and word.startswith(lower) else prefix
    return found


def choices(signal: Signal, name: str) -> list[str]:
    """The values of a column that has only a few, as they are stored or written."""
    column = signal.columns.get(name)
    if column is None or not isinstance(column.kind, Choice):
        return []
    return list(dict.fromkeys(value if isinstance(value, str) else name for name, value in column.kind.names.items()))


def _column_counted(column: Column) -> Counted:
    row, _, name = column.expression.partition(".")
    return Counted(_COUNTED[row], "column", name)


def _type(kind: Kind) -> str:
    return _TYPES[kind.type_] if isinstance(kind, Scalar) else "string"
