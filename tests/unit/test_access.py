"""Who may come in: loopback, tokens, the Host header."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from server.access import (
    check_exposure,
    is_host_allowed,
    is_loopback,
    is_origin_allowed,
    is_readable_on_the_way,
    people_of,
)
from server.errors import SettingsError
from server.settings import Settings

TOKEN = SecretStr("correct-horse-battery")
OTHER = SecretStr("another-horse-battery")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_access_set_up(host: str) -> None:
    check_exposure(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_any_other_address_is_refused_as_long_as_nobody_has_to_say_who_they_are(host: str) -> None:
    with pytest.raises(SettingsError, match="set OTELGRES_ADMIN_TOKEN to") as refusal:
        check_exposure(Settings(host=host, ingest_token=TOKEN, people="open"))
    assert "\n" not in str(refusal.value)
    check_exposure(Settings(host=host, people="open", admin_token=OTHER))
    check_exposure(Settings(host=host))


@pytest.mark.parametrize(
    ("settings", "readable"),
    [
        (Settings(), False),
        (Settings(host="0.0.0.0"), True),
        (Settings(host="0.0.0.0", public_url="http://otel.example"), True),
        (Settings(host="0.0.0.0", public_url="https://otel.example"), False),
        (Settings(host="0.0.0.0", trusted_proxies=("10.0.0.7",)), False),
        (Settings(host="0.0.0.0", tls_cert=Path("/cert"), tls_key=Path("/key")), False),
    ],
    ids=["loopback", "every address", "plain", "https", "proxy", "certificate"],
)
def test_secrets_in_clear_on_a_network_are_noticed(settings: Settings, readable: bool) -> None:
    assert is_readable_on_the_way(settings) is readable


@pytest.mark.parametrize(
    ("settings", "people"),
    [
        (Settings(), "open"),
        (Settings(host="0.0.0.0"), "accounts"),
        (Settings(host="0.0.0.0", admin_token=OTHER), "open"),
        (Settings(host="0.0.0.0", admin_token=OTHER, people="accounts"), "accounts"),
        (Settings(people="accounts"), "accounts"),
    ],
    ids=["loopback", "every address", "admin token", "both", "by choice"],
)
def test_people_sign_in_off_loopback_unless_the_admin_token_guards(settings: Settings, people: str) -> None:
    assert people_of(settings) == people


def test_a_host_that_is_none_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingsError, match="OTELGRES_HOST"):
        is_loopback("no such host")


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.0.0.1", "[::1]:8000", "otel.example:443", "localhost."],
)
def test_our_own_names_are_allowed(host: str) -> None:
    assert is_host_allowed(host, Settings(allowed_hosts=("Otel.example",)))


@pytest.mark.parametrize("host", [None, "", "evil.example", "localhost.evil.example", "10.0.0.1:8000", "[::2]", "1"])
def test_foreign_names_are_refused_while_the_server_is_open(host: str | None) -> None:
    assert not is_host_allowed(host, Settings())


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),
        ("http://otelgres.internal:8000", True),
        ("https://otel.example", True),
        ("https://alias.example:8443", True),
        ("https://otel.example.evil.example", False),
        ("http://otel.example", False),
        ("http://otelgres.internal:9000", False),
        ("null", False),
    ],
)
def test_a_page_of_ours_is_known_by_the_host_it_asked_or_by_our_public_names(origin: str | None, allowed: bool) -> None:
    settings = Settings(public_url="https://otel.example", allowed_hosts=("alias.example",))
    assert is_origin_allowed(origin, "otelgres.internal:8000", settings) is allowed
