"""Quantiles of histograms against those of the observations themselves."""

import math
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.metrics.quantiles import Bucket, of_bounds, of_scale, quantile

SHARES = (0.5, 0.9, 0.95, 0.99)
observations = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
bounds = st.lists(st.floats(-1e5, 1e5), max_size=8, unique=True).map(sorted)


def explicit(observed: list[float], edges: list[float]) -> list[Bucket]:
    """As an SDK counts them: a bound belongs to the bucket below it."""
    counts = Counter(sum(edge < value for edge in edges) for value in observed)
    return [of_bounds(edges, index, count) for index, count in counts.items()]


def exponential(observed: list[float], scale: int) -> list[Bucket]:
    zeros = [Bucket(0.0, 0.0, observed.count(0.0))]
    counts = Counter((_index(abs(value), scale), value > 0) for value in observed if value)
    return zeros + [of_scale(scale, index, positive, count) for (index, positive), count in counts.items()]


def _index(value: float, scale: int) -> int:
    """The bucket whose lower edge is below the value and whose upper one is not."""
    index = math.ceil(math.log2(value) * 2.0**scale) - 1
    while of_scale(scale, index, True, 1).low >= value:
        index -= 1
    while of_scale(scale, index, True, 1).high < value:
        index += 1
    return index


def true_quantile(observed: list[float], share: float) -> float:
    """By nearest rank."""
    return sorted(observed)[math.ceil(share * len(observed)) - 1]


@given(
    st.lists(
        st.tuples(
            st.lists(observations, max_size=30),
            st.one_of(bounds, st.integers(-3, 8)),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_the_true_quantile_lies_between_low_and_high_whatever_the_buckets(
    parts: list[tuple[list[float], list[float] | int]],
) -> None:
    """Several histograms, of different bounds, scales and kinds, taken together."""
    buckets = [
        bucket
        for observed, how in parts
        for bucket in (exponential(observed, how) if isinstance(how, int) else explicit(observed, how))
    ]
    everything = [value for observed, _ in parts for value in observed]
    for share in SHARES:
        found = quantile(buckets, share)
        if not everything:
            assert found is None
            continue
        assert found is not None
        assert found.low <= true_quantile(everything, share) <= found.high
        assert found.low <= found.value <= found.high


@given(st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=50), st.integers(0, 8))
def test_an_exponential_histogram_errs_by_its_base_at_most(observed: list[float], scale: int) -> None:
    for share in SHARES:
        found = quantile(exponential(observed, scale), share)
        assert found is not None
        exact = true_quantile(observed, share)
        base = 2 ** (2.0**-scale)
        assert exact / base * (1 - 1e-9) <= found.value <= exact * base * (1 + 1e-9)


@given(st.lists(observations, min_size=1, max_size=40), bounds)
def test_a_greater_share_has_no_lesser_quantile(observed: list[float], edges: list[float]) -> None:
    found = [quantile(explicit(observed, edges), share) for share in SHARES]
    values = [estimate.value for estimate in found if estimate is not None]
    assert len(values) == len(SHARES)
    assert all(later >= earlier or math.isclose(later, earlier) for earlier, later in pairwise(values))


@pytest.mark.parametrize(
    ("buckets", "share", "expected"),
    [
        ([Bucket(0, 10, 10)], 0.5, (5, 0, 10)),
        ([Bucket(0, 10, 5), Bucket(10, 20, 5)], 0.9, (18, 10, 20)),
        ([Bucket(0, 10, 5), Bucket(10, 20, 5)], 0.5, (10, 0, 10)),
        ([Bucket(-math.inf, 8, 4)], 0.5, (4, -math.inf, 8)),
        ([Bucket(-math.inf, -8, 4)], 0.5, (-8, -math.inf, -8)),
        ([Bucket(0, 10, 1), Bucket(10, math.inf, 99)], 0.5, (10, 10, math.inf)),
        ([Bucket(-math.inf, math.inf, 3)], 0.5, (0, -math.inf, math.inf)),
        # Half of the second one lies below 5, so 7.5 of the 15 are reached there.
        ([Bucket(0, 10, 5), Bucket(0, 5, 5), Bucket(0, 10, 5)], 0.5, (3.75, 0, 10)),
        ([], 0.5, None),
        ([Bucket(0, 10, 0)], 0.5, None),
    ],
)
def test_observations_are_taken_for_spread_evenly(
    buckets: list[Bucket], share: float, expected: tuple[float, float, float] | None
) -> None:
    found = quantile(buckets, share)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert (found.value, found.low, found.high) == pytest.approx(expected)


def test_edges_beyond_all_numbers_are_infinite_or_zero() -> None:
    assert of_scale(-10, 1, True, 1) == Bucket(math.inf, math.inf, 1)
    assert of_scale(-10, -3, True, 1) == Bucket(0.0, 0.0, 1)
    assert of_scale(-10, 0, False, 1) == Bucket(-math.inf, -1.0, 1)
