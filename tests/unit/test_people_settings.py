"""Settings of how people come in: what they come to, and mistakes that are told."""

import pytest

from access.people.policy import Mode
from access.principals import Role
from server import people
from server.errors import SettingsError
from server.settings import Settings

OIDC = {
    "OTELGRES_PEOPLE": "oidc",
    "OTELGRES_OIDC_ISSUER": "https://accounts.example.com",
    "OTELGRES_OIDC_CLIENT_ID": "otelgres",
    "OTELGRES_OIDC_CLIENT_SECRET": "not to be shown",
}
PROXY = {
    "OTELGRES_PEOPLE": "proxy",
    "OTELGRES_PROXY_HEADER": "X-User-Email",
    "OTELGRES_TRUSTED_PROXIES": "10.0.0.0/8,::1",
}


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"OTELGRES_PEOPLE": "oidc"}, "OTELGRES_PEOPLE=oidc needs OTELGRES_OIDC_ISSUER and"),
        ({"OTELGRES_PEOPLE": "proxy", "OTELGRES_PROXY_HEADER": "X"}, "needs OTELGRES_TRUSTED_PROXIES"),
        ({"OTELGRES_PROXY_HEADER": "X"}, "is believed with OTELGRES_PEOPLE=proxy alone"),
        (PROXY | {"OTELGRES_TRUSTED_PROXIES": "10.0.0.300"}, "'10.0.0.300' is no address like"),
        (OIDC | {"OTELGRES_OIDC_ROLES": "staff"}, "'staff' does not say =viewer, =editor or =admin"),
        (OIDC | {"OTELGRES_OIDC_ISSUER": "accounts"}, "is no address like https://host/path"),
    ],
)
def test_mistakes_are_told_by_the_variable(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], told: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        Settings.load()
    assert told in str(refusal.value)


def test_a_provider_is_known_by_its_settings_and_its_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (OIDC | {"OTELGRES_OIDC_ROLES": "a=b=editor,ops=admin"}).items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    policy = people.policy_of(settings)
    assert policy.mode is Mode.OIDC
    assert policy.provider is not None
    assert policy.provider.registration.roles == {"a=b": Role.EDITOR, "ops": Role.ADMIN}
    shown = repr(settings) + repr(policy) + repr(policy.provider.registration) + str(settings.effective())
    assert "not to be shown" not in shown


def test_a_proxy_is_known_by_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PROXY.items():
        monkeypatch.setenv(name, value)
    policy = people.policy_of(Settings.load())
    assert (policy.mode, policy.proxies.header, len(policy.proxies.trusted)) == (Mode.PROXY, "X-User-Email", 2)
