"""Addresses as proxies write them, and the network that counts as one client."""

import pytest

from access.people.addresses import network_of, read_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("203.0.113.9:50123", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:50123", "2001:db8::1"),
        ("[2001:db8::1%eth0]:50123", "2001:db8::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[::ffff:203.0.113.9]:443", "203.0.113.9"),
    ],
)
def test_an_address_is_read_without_what_is_around_it(text: str, address: str) -> None:
    assert str(read_address(text)) == address


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "203.0.113", "203.0.113.9:1:2", "host.example:80", "[]:1"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("203.0.113.9:50123", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::%x", "fe80::/64"),
        ("", ""),
    ],
)
def test_a_subscriber_is_one_network(text: str, network: str) -> None:
    assert network_of(text) == network
