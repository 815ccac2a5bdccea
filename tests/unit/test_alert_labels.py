"""Labels of alerts and their fingerprints."""

from hypothesis import given
from hypothesis import strategies as st

from alerting.labels import fingerprint, labels_of

LABELS = st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=4)


def test_a_rule_without_groups_has_no_fingerprint() -> None:
    assert fingerprint(labels_of({})) == ""


@given(LABELS, LABELS)
def test_labels_are_equal_when_their_fingerprints_are(one: dict[str, str], other: dict[str, str]) -> None:
    assert (fingerprint(labels_of(one)) == fingerprint(labels_of(other))) == (one == other)


@given(LABELS)
def test_the_order_of_labels_says_nothing(labels: dict[str, str]) -> None:
    assert labels_of(dict(reversed(labels.items()))) == labels_of(labels)


def test_where_a_name_ends_counts() -> None:
    assert fingerprint((("ab", "c"),)) != fingerprint((("a", "bc"),))


def test_a_fingerprint_stays_the_same_for_ever() -> None:
    """It is stored."""
    assert fingerprint(labels_of({"service": "shop", "level": "ERROR"})) == "5303b982684eb6ec"
