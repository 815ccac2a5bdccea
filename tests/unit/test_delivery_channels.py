"""Channels that the environment names, and what a mail channel takes from it."""

import pytest

from alerting.delivery.channels import Channel, Environment, Unconfigured, Unknown

MAIL = Environment(
    smtp_host="mail.example.com",
    smtp_port=2525,
    smtp_user="user",
    smtp_password="password",
    email_from="alerts@example.com",
    email_to=("ann@example.com",),
)


def test_slack_and_email_need_no_row() -> None:
    slack = Environment(slack_webhook_url="https://hooks.example/x").channel("slack")
    assert (slack.kind, slack.secret("webhook_url")) == ("slack", "https://hooks.example/x")
    email = MAIL.channel("email")
    assert (email.setting("to"), email.setting("host"), email.setting("port"), email.secret("password")) == (
        ["ann@example.com"],
        "mail.example.com",
        2525,
        "password",
    )


@pytest.mark.parametrize(
    ("name", "environment", "reason"),
    [
        ("slack", Environment(), "SLACK_WEBHOOK_URL is not set"),
        ("email", Environment(), "ALERT_EMAIL_TO is not set"),
        ("email", Environment(email_to=("a@example.com",)), "ALERT_EMAIL_FROM is not set"),
        ("email", Environment(email_to=("a@example.com",), email_from="b@example.com"), "SMTP_HOST is not set"),
    ],
)
def test_what_is_missing_is_named(name: str, environment: Environment, reason: str) -> None:
    with pytest.raises(Unconfigured, match=reason):
        environment.channel(name)


def test_any_other_name_is_unknown() -> None:
    with pytest.raises(Unknown, match="there is no channel pager"):
        Environment().channel("pager")


def test_a_mail_channel_without_a_server_uses_that_of_the_environment() -> None:
    channel = MAIL.completed(Channel("ops", "email", {"to": ["ops@example.com"], "from": "", "tls": "none"}))
    assert channel.setting("from") == "alerts@example.com"
    assert (channel.setting("host"), channel.setting("tls"), channel.secret("password")) == (
        "mail.example.com",
        "none",
        "password",
    )


def test_a_mail_channel_with_a_server_gets_no_login_of_the_environment() -> None:
    channel = MAIL.completed(Channel("ops", "email", {"to": ["ops@example.com"], "host": "other.example.com"}))
    assert channel.setting("from") == "alerts@example.com"
    assert "user" not in channel.settings
    assert channel.secrets == {}


def test_secrets_are_not_in_what_is_printed() -> None:
    assert "password'" not in repr(MAIL.channel("email"))
    assert "hooks.example" not in repr(Environment(slack_webhook_url="https://hooks.example/x"))
