"""Where notices go: rows of enterprise.alert_channels, and `slack` and `email` from the environment without a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from database.queries import load

SQL = load(__package__)


class Unconfigured(Exception):
    """The channel is not there, or lacks something; the text is for people."""


class Unknown(Unconfigured):
    """There is no channel of this name."""


@dataclass(frozen=True)
class Channel:
    """settings and secrets by name; what a kind asks for is said in its module."""

    name: str
    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    def setting(self, name: str) -> Any:
        """Raises Unconfigured where it is missing or empty."""
        return _demanded(self.name, name, self.settings.get(name))

    def secret(self, name: str) -> str:
        """Raises Unconfigured where it is missing or empty."""
        secret: str = _demanded(self.name, name, self.secrets.get(name))
        return secret


@dataclass(frozen=True)
class Environment:
    """What the settings say of channels that need no row; None or empty where they say nothing."""

    slack_webhook_url: str | None = field(default=None, repr=False)
    smtp_host: str | None = None
    smtp_port: int = 587
    smtp_user: str | None = None
    smtp_password: str | None = field(default=None, repr=False)
    email_from: str | None = None
    email_to: tuple[str, ...] = ()

    def channel(self, name: str) -> Channel:
        """Raises Unconfigured for one that is not known here."""
        if name == "slack":
            if not self.slack_webhook_url:
                raise Unconfigured("the channel slack is not configured: SLACK_WEBHOOK_URL is not set")
            return Channel("slack", "slack", {}, {"webhook_url": self.slack_webhook_url})
        if name == "email":
            if not self.email_to:
                raise Unconfigured("the channel email is not configured: ALERT_EMAIL_TO is not set")
            return self.completed(Channel("email", "email", {"to": list(self.email_to)}))
        raise Unknown(f"there is no channel {name}")

    def completed(self, channel: Channel) -> Channel:
        """A mail channel with the mail server and the sender of the environment where it names none."""
        settings: dict[str, Any] = {"from": self.email_from, **_given(channel.settings)}
        if not settings["from"]:
            raise Unconfigured(f"the channel {channel.name} is not configured: ALERT_EMAIL_FROM is not set")
        if settings.get("host"):
            return Channel(channel.name, channel.kind, settings, channel.secrets)
        if not self.smtp_host:
            raise Unconfigured(f"the channel {channel.name} is not configured: SMTP_HOST is not set")
        server = {"host": self.smtp_host, "port": self.smtp_port, "user": self.smtp_user}
        password = {"password": self.smtp_password} if self.smtp_password else {}
        return Channel(channel.name, channel.kind, server | settings, password | dict(channel.secrets))


async def read_channel(connection: Any, name: str, environment: Environment) -> Channel:
    """The channel of this name as it is now. Raises Unconfigured."""
    row = await connection.fetchrow(SQL["channel"], name)
    if row is None:
        return environment.channel(name)
    channel = Channel(name, row["kind"], row["settings"], row["secrets"] or {})
    return environment.completed(channel) if channel.kind == "email" else channel


def _given(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value not in (None, "")}


def _demanded(channel: str, name: str, value: Any) -> Any:
    if not value:
        raise Unconfigured(f"the channel {channel} is not configured: {name} is not set")
    return value
