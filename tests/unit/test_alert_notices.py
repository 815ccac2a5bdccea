"""Items of notices, as they are stored."""

import json
from datetime import UTC
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alerting.notices import Item, Told, item_of

TEXT = st.text(max_size=5)
TEXTS = st.dictionaries(TEXT, TEXT, max_size=2)
TIMES = st.datetimes(timezones=st.just(UTC))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ROWS: st.SearchStrategy[tuple[dict[str, Any], ...]] = st.lists(
    st.dictionaries(TEXT, TEXT | NUMBERS | st.none(), max_size=2), max_size=2
).map(tuple)
ITEMS = st.builds(
    Item,
    told=st.sampled_from(Told),
    instance_id=st.uuids(),
    rule_id=st.uuids(),
    rule_name=TEXT,
    severity=TEXT,
    metric_type=TEXT,
    condition=TEXT,
    threshold=NUMBERS,
    window_minutes=st.integers(1, 100),
    value=st.none() | NUMBERS,
    message=TEXT,
    triggered_at=TIMES,
    description=st.none() | TEXT,
    resolved_at=st.none() | TIMES,
    acknowledged_by=st.none() | TEXT,
    labels=TEXTS,
    annotations=TEXTS,
    links=TEXTS,
    rows=ROWS,
)


@given(ITEMS)
def test_an_item_is_read_as_it_was_stored(item: Item) -> None:
    assert item_of(json.loads(json.dumps(item.as_json()))) == item
