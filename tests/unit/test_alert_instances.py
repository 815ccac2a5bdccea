"""What the message of an alert says."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.labels import labels_of
from alerting.recording.instances import message_of, short
from alerting.rules import Condition, Rule

RULE = Rule(UUID(int=1), "High Error Rate", "error_count", Condition.GT, 10.0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (11.0, "11"),
        (-3.0, "-3"),
        (0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (3250.5, "3250.5"),
        (99.99999, "100"),
        (0.00012345, "0.0001234"),
        (1e-9, "1e-09"),
        (123456789.0, "123456789"),
        (1e300, "1e+300"),
        (float("inf"), "inf"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert short(value) == text


@given(st.floats(-1e300, 1e300))
def test_a_short_number_is_near_the_number(value: float) -> None:
    assert float(short(value)) == pytest.approx(value, rel=1e-3)
    assert len(short(value)) <= 22


def test_a_message_begins_as_promised() -> None:
    assert message_of(RULE, (), 11.0) == "High Error Rate: error_count is 11 (threshold: 10)"


def test_labels_follow() -> None:
    message = message_of(RULE, labels_of({"service": "shop", "level": "ERROR"}), 11.5)
    assert message == "High Error Rate: error_count is 11.5 (threshold: 10) for level=ERROR, service=shop"


def test_what_fires_without_data_says_so() -> None:
    assert message_of(RULE, (), None) == "High Error Rate: error_count is no data (threshold: 10)"
