"""Steps that a request leaves open."""

from datetime import timedelta

import pytest

from query_api import services
from query_api.metrics import frame
from query_api.steps import DAY, LENGTHS, MOST_BY_DEFAULT, step_for


@pytest.mark.parametrize("lengths", [LENGTHS, frame.WHOLE_MINUTES, services.LENGTHS])
@pytest.mark.parametrize(
    "seconds", [1, 118, 119, 120, 3600, 7140, 7141, DAY, 7 * DAY, 10**7, 30 * DAY, 119 * DAY, 10**10]
)
def test_a_span_has_at_most_120_steps_wherever_it_begins(lengths: tuple[int, ...], seconds: int) -> None:
    step = step_for(timedelta(seconds=seconds), lengths)
    assert seconds / step + 1 <= MOST_BY_DEFAULT
    assert step in lengths or step % DAY == 0


@pytest.mark.parametrize("seconds", [240, 3600, DAY, 7 * DAY, 119 * DAY])
def test_steps_are_not_much_longer_than_they_need_to_be(seconds: int) -> None:
    assert seconds / step_for(timedelta(seconds=seconds)) > MOST_BY_DEFAULT / 6
