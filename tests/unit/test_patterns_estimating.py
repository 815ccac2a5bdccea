"""Estimates from a sample: how often the true count lies where they say."""

from math import comb

import pytest

from query_api.patterns.estimating import Sample


def test_all_rows_are_no_estimate() -> None:
    assert Sample(10, 10).is_all
    assert (Sample(10, 10).count(3), Sample(10, 10).interval(3)) == (3, (3, 3))
    assert Sample(0, 0).is_all


def test_a_sample_stands_for_all() -> None:
    sample = Sample(200, 5000)
    assert not sample.is_all
    assert (sample.count(200), sample.count(10), sample.count(1)) == (5000, 250, 25)
    assert sample.interval(200) == (4905, 5000)
    low, high = sample.interval(10)
    assert low < 250 < high


@pytest.mark.parametrize("true", [20, 100, 500, 1500, 3000])
def test_nineteen_of_twenty_true_counts_lie_within_their_interval(true: int) -> None:
    matching, read = 3000, 300
    sample = Sample(read, matching)
    covered = sum(
        comb(true, seen) * comb(matching - true, read - seen)
        for seen in range(read + 1)
        if sample.interval(seen)[0] <= true <= sample.interval(seen)[1]
    )
    assert covered / comb(matching, read) >= 0.94


def test_an_interval_never_contradicts_what_was_read() -> None:
    sample = Sample(300, 310)
    for seen in range(301):
        low, high = sample.interval(seen)
        assert seen <= low <= high <= seen + 10
