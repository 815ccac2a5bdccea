"""What a channel is: its kind, its settings, and its secrets, which are written and never read."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from query_api.parameters import without_nul

KEPT = "set"
"""What answers say of a secret that is there. Written, it leaves the secret as it is."""


def _is_web_address(value: str | None) -> str | None:
    if value is not None and value != KEPT:
        try:
            url = urlsplit(value)
            _ = url.port
        except ValueError:
            raise ValueError("is no address like https://host/path") from None
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError("is no address like https://host/path")
    return value


def _is_apprise(value: str | None) -> str | None:
    if value is not None and value != KEPT and "://" not in value:
        raise ValueError("is no address like schema://host")
    return value


def _is_mailbox(value: str) -> str:
    name, at, host = value.strip().rpartition("@")
    if not (name and at and host) or any(ord(character) < 32 for character in value):
        raise ValueError("is no address like ann@example.com")
    return value.strip()


Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(without_nul)]
Address = Annotated[Text, AfterValidator(_is_web_address)]
Mailbox = Annotated[Text, AfterValidator(_is_mailbox)]
Secret = Annotated[Text | None, Field(description="Left out or `set`: as it is; null: none.", examples=[KEPT])]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Secrets(_Strict):
    """A kind's secrets. needed: those without which it does nothing."""

    needed: ClassVar[tuple[str, ...]] = ()

    def beside(self, kept: Mapping[str, str]) -> dict[str, str]:
        """All that there are then, of what there were and these. KeyError: a needed one is missing."""
        given = {name: value for name, value in self.model_dump(exclude_unset=True).items() if value != KEPT}
        names = type(self).model_fields
        merged = {name: value for name, value in {**kept, **given}.items() if name in names and value is not None}
        for name in self.needed:
            if name not in merged:
                raise KeyError(name)
        return merged


class NoSettings(_Strict):
    """Nothing."""


class SlackSecrets(Secrets):
    needed = ("webhook_url",)
    webhook_url: Annotated[Secret, AfterValidator(_is_web_address)] = None


class EmailSettings(_Strict):
    """What is left out comes from the environment."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    to: list[Mailbox] = Field(min_length=1, max_length=50, examples=[["ops@example.com"]])
    sender: Mailbox | None = Field(default=None, alias="from", examples=["otelgres@example.com"])
    host: Text | None = Field(default=None, examples=["mail.example.com"])
    port: int | None = Field(default=None, ge=1, le=65535, examples=[587])
    user: Text | None = None
    tls: Literal["starttls", "tls", "none"] | None = Field(default=None, description="Null: starttls.")


class EmailSecrets(Secrets):
    password: Secret = None


class WebhookSettings(_Strict):
    url: Address = Field(examples=["https://hooks.example.com/alerts"])


class WebhookSecrets(Secrets):
    secret: Annotated[Secret, Field(description="Key of the signature; left out or `set`: as it is; null: none.")] = (
        None
    )


class PagerDutySettings(_Strict):
    url: Address | None = Field(default=None, description="Null: PagerDuty's own.")


class PagerDutySecrets(Secrets):
    needed = ("routing_key",)
    routing_key: Secret = None


class AppriseSecrets(Secrets):
    needed = ("url",)
    url: Annotated[Secret, AfterValidator(_is_apprise)] = None


class SlackChannel(_Strict):
    """An incoming webhook of Slack."""

    kind: Literal["slack"]
    settings: NoSettings = NoSettings()
    secrets: SlackSecrets = SlackSecrets()


class EmailChannel(_Strict):
    """Mail by SMTP."""

    kind: Literal["email"]
    settings: EmailSettings
    secrets: EmailSecrets = EmailSecrets()


class WebhookChannel(_Strict):
    """Any web server: a signed POST."""

    kind: Literal["webhook"]
    settings: WebhookSettings
    secrets: WebhookSecrets = WebhookSecrets()


class PagerDutyChannel(_Strict):
    """PagerDuty, by its events API, version 2."""

    kind: Literal["pagerduty"]
    settings: PagerDutySettings = PagerDutySettings()
    secrets: PagerDutySecrets = PagerDutySecrets()


class AppriseChannel(_Strict):
    """Whatever else Apprise has an address for."""

    kind: Literal["apprise"]
    settings: NoSettings = NoSettings()
    secrets: AppriseSecrets = AppriseSecrets()


Channel = Annotated[
    SlackChannel | EmailChannel | WebhookChannel | PagerDutyChannel | AppriseChannel, Field(discriminator="kind")
]


def settings_of(channel: Channel) -> dict[str, Any]:
    """As enterprise.alert_channels holds them."""
    return channel.settings.model_dump(mode="json", by_alias=True, exclude_none=True)
