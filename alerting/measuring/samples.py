"""From rows of labels and a value to what evaluation decides by."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from alerting.labels import Labels, labels_of
from alerting.measurements import Measured, Sample
from alerting.measuring.asked import Asked, Unmeasurable
from query_api.slices import within

MOST_SAMPLES = 1000
MOST_LABELS = 8
MOST_EXPLAINED = 10
"""Label sets that meet the condition and come with rows."""
ROWS_SHOWN = 5
SECONDS_FOR_ROWS = 2.0

Row = Mapping[str, Any]
Statement = tuple[str, Sequence[object]]
Shown = Callable[[Sequence[str]], Statement]
"""The statement for a few of the rows that were counted for a label set, by the values of its labels."""


def samples_of(rows: Sequence[Row], names: Sequence[str], nothing: float | None) -> Measured:
    """rows: `labels`, the values of these names in their order, and `value`. nothing: the value where there is no row.

    Raises Unmeasurable for more label sets than MOST_SAMPLES.
    """
    if len(rows) > MOST_SAMPLES:
        raise Unmeasurable(f"there are more than {MOST_SAMPLES} label sets: group by less, or narrow the search")
    samples = [Sample(_named(names, row["labels"]), row["value"]) for row in rows]
    if not names and not samples:
        samples = [Sample((), nothing)]
    return Measured(samples, missing=nothing)


async def explained(
    connection: Any, asked: Asked, measured: Measured, shown: Shown, kept: Callable[[Row], Row] = dict
) -> Measured:
    """The same with rows beside the first samples that meet the condition; kept: what of a row is.

    The rows are a help: where they cannot be read in time the samples come without.
    """
    met = [sample for sample in measured.samples if asked.rule.is_met(sample.value)][:MOST_EXPLAINED]
    if not asked.explained or not met:
        return measured
    contexts = {sample.labels: await _context(connection, asked, sample, shown, kept) for sample in met}
    samples = [Sample(each.labels, each.value, contexts.get(each.labels, {})) for each in measured.samples]
    return Measured(samples, measured.missing)


async def _context(
    connection: Any, asked: Asked, sample: Sample, shown: Shown, kept: Callable[[Row], Row]
) -> dict[str, Any]:
    values = dict(sample.labels)
    text, arguments = shown([values[name] for name in asked.rule.group_by])
    try:
        rows = await within(SECONDS_FOR_ROWS / MOST_EXPLAINED, connection, text, arguments)
    except (asyncpg.QueryCanceledError, asyncpg.UndefinedColumnError):
        return {}
    found = [{name: _plain(value) for name, value in kept(row).items() if value is not None} for row in rows]
    context: dict[str, Any] = {"rows": found} if found else {}
    trace_id = next((row["trace_id"] for row in found if row.get("trace_id")), None)
    return context | ({"trace_id": trace_id} if trace_id else {})


def _named(names: Sequence[str], values: Sequence[str]) -> Labels:
    return labels_of(dict(zip(names, values, strict=True)))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
