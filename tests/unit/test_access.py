"""Who may come in: loopback, tokens, the Host header."""

import base64

import pytest
from pydantic import SecretStr

from server.access import check_exposure, is_authorized, is_host_allowed, is_loopback
from server.errors import SettingsError
from server.settings import Settings

TOKEN = SecretStr("correct-horse-battery")
OTHER = SecretStr("another-horse-battery")


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"me:{password}".encode()).decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_access_set_up(host: str) -> None:
    check_exposure(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_any_other_address_is_refused_until_both_tokens_are_set(host: str) -> None:
    with pytest.raises(SettingsError, match="OTELGRES_INGEST_TOKEN and OTELGRES_ADMIN_TOKEN") as refusal:
        check_exposure(Settings(host=host))
    assert "\n" not in str(refusal.value)
    with pytest.raises(SettingsError, match="set OTELGRES_ADMIN_TOKEN to"):
        check_exposure(Settings(host=host, ingest_token=TOKEN))
    check_exposure(Settings(host=host, ingest_token=TOKEN, admin_token=OTHER))


def test_a_host_that_is_none_is_a_mistake_in_the_settings() -> None:
    with pytest.raises(SettingsError, match="OTELGRES_HOST"):
        is_loopback("no such host")


@pytest.mark.parametrize(
    "header",
    [
        f"Bearer {TOKEN.get_secret_value()}",
        f"bearer  {TOKEN.get_secret_value()} ",
        basic(TOKEN.get_secret_value()),
    ],
)
def test_the_token_opens_as_bearer_or_as_password(header: str) -> None:
    assert is_authorized(header, TOKEN)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer correct-horse-batter",
        "Bearer ünïcode",
        "Basic !!!",
        basic("wrong"),
        f"Digest {TOKEN.get_secret_value()}",
        TOKEN.get_secret_value(),
    ],
)
def test_nothing_else_opens(header: str | None) -> None:
    assert not is_authorized(header, TOKEN)


def test_without_a_token_everybody_is_authorized() -> None:
    assert is_authorized(None, None)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "127.0.0.1", "[::1]:8000", "otel.example:443", "localhost."],
)
def test_our_own_names_are_allowed(host: str) -> None:
    assert is_host_allowed(host, Settings(allowed_hosts=("Otel.example",)))


@pytest.mark.parametrize("host", [None, "", "evil.example", "localhost.evil.example", "10.0.0.1:8000", "[::2]", "1"])
def test_foreign_names_are_refused_while_the_server_is_open(host: str | None) -> None:
    assert not is_host_allowed(host, Settings())


def test_behind_a_token_any_name_will_do() -> None:
    assert is_host_allowed("evil.example", Settings(admin_token=TOKEN))
