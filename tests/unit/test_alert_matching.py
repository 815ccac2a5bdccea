"""Matchers of silences, inhibitions and routes."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.policy.matching import OPERATORS, Matcher, all_match, matchers_of
from tests.telling_stories import matchers

CASES = [
    ("service = shop", {"service": "shop"}, True),
    ("service = shop", {"service": "shops"}, False),
    ("service = shop", {}, False),
    ("service != shop", {"service": "bank"}, True),
    ("service != shop", {"service": "shop"}, False),
    ("service != shop", {}, True),
    ("service =~ sh.p", {"service": "shop"}, True),
    ("service =~ sh.p", {"service": "shops"}, False),
    ("service =~ ho", {"service": "shop"}, False),
    ("service =~ .*ho.*", {"service": "shop"}, True),
    ("service =~ shop|bank", {"service": "bank"}, True),
    ("service =~ shop|bank", {"service": "bankrupt"}, False),
    ("service =~ (?i)SHOP", {"service": "shop"}, True),
    ("service =~ .+", {}, False),
    ("service =~ .*", {}, True),
    ("service =~ a.b", {"service": "a\nb"}, False),
    ("service =~ ü+", {"service": "üü"}, True),
    ("service !~ sh.p", {"service": "shop"}, False),
    ("service !~ sh.p", {"service": "shops"}, True),
    ("service !~ .+", {}, True),
]


@pytest.mark.parametrize(("matcher", "labels", "expected"), CASES)
def test_it_matches_as_alertmanager_does(matcher: str, labels: dict[str, str], expected: bool) -> None:
    (read,) = matchers(matcher)
    assert read.matches(labels) is expected


def test_all_have_to_match() -> None:
    both = matchers("service = shop;level = ERROR")
    assert all_match(both, {"service": "shop", "level": "ERROR"})
    assert not all_match(both, {"service": "shop"})
    assert all_match((), {})


def test_it_knows_whether_a_label_that_is_not_there_matches() -> None:
    assert Matcher("service", "!=", "shop").matches_empty
    assert Matcher("service", "=", "").matches_empty
    assert not Matcher("service", "=", "shop").matches_empty


def test_an_expression_that_ruins_others_takes_no_time() -> None:
    matcher = Matcher("service", "=~", "(a+)+(a|a)*(a|aa)+b")
    began = time.process_time()
    assert not matcher.matches({"service": "a" * 50_000})
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        ([{"name": "a", "op": "=~", "value": "("}], r"'\(' is no regular expression: missing \)"),
        ([{"name": "a", "op": "=~", "value": r"(.)\1"}], "no regular expression: invalid escape sequence"),
        ([{"name": "a", "op": "!~", "value": "((a{1000}){1000}){1000}"}], "is no regular expression"),
        ([{"name": "a", "op": "==", "value": "b"}], "operator is one of =, !=, =~, !~, not '=='"),
        ([{"name": "", "op": "=", "value": "b"}], "name of a label"),
        ([{"name": "a", "op": "=", "value": 3}], "all of them texts"),
        ([{"name": "a", "op": "="}], "all of them texts"),
        ([[]], "list of objects"),
        ({}, "list of objects"),
        (None, "list of objects"),
        ("a=b", "list of objects"),
    ],
)
def test_what_is_none_is_refused_with_a_reason(stored: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        matchers_of(stored)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_operators_are_each_others_opposites(value: str, other: str) -> None:
    labels = {"a": other}
    assert Matcher("a", "=", value).matches(labels) != Matcher("a", "!=", value).matches(labels)
    try:
        like, unlike = Matcher("a", "=~", value), Matcher("a", "!~", value)
    except ValueError:
        return
    assert like.matches(labels) != unlike.matches(labels)


@given(st.text(min_size=1), st.sampled_from(OPERATORS[:2]), st.text())
def test_a_matcher_is_its_json(name: str, op: str, value: str) -> None:
    matcher = Matcher(name, op, value)
    assert matchers_of([matcher.as_json()]) == (matcher,)
