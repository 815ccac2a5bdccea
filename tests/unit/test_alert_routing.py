"""Routes: groups and their keys. Which of them decides is told in test_alert_telling."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from alerting.policy.routing import OWN_CHANNELS, Route, destinations, routes_of_alert
from tests.alert_stories import a_rule
from tests.telling_stories import MINUTE, route

NAMES = st.text(max_size=4)
RULE = a_rule(severity="critical")
SHOP = (("service", "shop"), ("team", "one"))
BANK = (("service", "bank"), ("team", "one"))


def key(by: str, labels: tuple[tuple[str, str], ...] = SHOP) -> str:
    return route("a", group_by=by).group_key(RULE, labels)


def test_alerts_of_the_same_labels_are_one_group() -> None:
    assert key("team") == key("team", BANK)
    assert key("team service") != key("team service", BANK)


def test_labels_of_the_rule_can_be_grouped_by() -> None:
    other = a_rule(severity="info")
    assert route("a", group_by="severity").group_key(RULE, SHOP) != route("a", group_by="severity").group_key(
        other, SHOP
    )


def test_the_order_of_labels_says_nothing() -> None:
    assert key("team service") == key("service team")


def test_a_label_that_is_not_there_is_as_good_as_empty() -> None:
    assert key("nothing") == key("nothing", (("nothing", ""),))


def test_without_labels_all_alerts_of_a_route_are_one_group() -> None:
    assert key("") == key("", BANK)
    assert key("") != route("b", group_by="").group_key(RULE, SHOP)


def test_an_alert_by_itself_has_its_own_group_in_every_route() -> None:
    assert route("a").group_key(RULE, SHOP) == OWN_CHANNELS.group_key(RULE, SHOP)
    assert route("a").group_key(RULE, SHOP) != route("a").group_key(RULE, BANK)


@given(st.text(min_size=1, max_size=400), st.none() | st.lists(NAMES, max_size=3).map(tuple), NAMES)
def test_a_key_fits_into_its_column(name: str, by: tuple[str, ...] | None, value: str) -> None:
    assert len(Route(name, group_by=by).group_key(RULE, (("service", value),))) <= 255


def test_names_that_begin_alike_are_different_groups() -> None:
    assert route("x" * 255, group_by="").group_key(RULE, ()) != route("x" * 254, group_by="").group_key(RULE, ())


def test_a_channel_is_told_as_the_first_route_says_that_names_it() -> None:
    first = route("a", "", "one", group_wait=1, group_interval=2, reminder=3, goes_on=True)
    routes = routes_of_alert((first, route("b", "", "one two", group_wait=9)), {})
    ways = destinations(routes, RULE, SHOP)
    assert list(ways) == ["one", "two"]
    assert (ways["one"].wait, ways["one"].gap, ways["one"].reminder) == (MINUTE, 2 * MINUTE, 3 * MINUTE)
    assert (ways["two"].wait, ways["two"].gap, ways["two"].reminder) == (9 * MINUTE, timedelta(0), RULE.cooldown)
