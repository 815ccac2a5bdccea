"""Channels of alerts that the environment names."""

from pydantic import SecretStr

from alerting.delivery import Environment
from server.settings import Settings


def environment(settings: Settings) -> Environment:
    return Environment(
        slack_webhook_url=_plain(settings.slack_webhook_url),
        smtp_host=settings.smtp_host,
        smtp_port=settings.smtp_port,
        smtp_user=settings.smtp_user,
        smtp_password=_plain(settings.smtp_password),
        email_from=settings.alert_email_from,
        email_to=settings.alert_email_to,
    )


def _plain(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
