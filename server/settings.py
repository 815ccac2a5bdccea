"""Every setting of Otelgres: name, default, meaning. Read from the environment, prefix OTELGRES_."""

import difflib
import ipaddress
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import ByteSize, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from server.errors import SettingsError
from server.masking import MASK, mask_dsn

PREFIX = "OTELGRES_"
# Set by the supervisor for its children and by the tests, not by people.
INTERNAL = frozenset(
    {
        "OTELGRES_READY_FD",
        "OTELGRES_PARENT_FD",
        "OTELGRES_METRICS_DIR",
        "OTELGRES_WORKER",
        "OTELGRES_EMBEDDED_DIR",
        "OTELGRES_TEST_DSN",
    }
)

Port = Annotated[int, Field(ge=1, le=65535)]
Names = Annotated[tuple[str, ...], NoDecode]


class SettingRow(NamedTuple):
    """One setting as documented: environment variable, default as shown to people, description."""

    variable: str
    default: str
    description: str


def default_data_dir() -> Path:
    """Where the embedded database lives unless told otherwise."""
    if os.geteuid() == 0:
        return Path("/var/lib/otelgres")
    share = os.environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(share):
        return Path(share) / "otelgres"
    try:
        return Path.home() / ".local" / "share" / "otelgres"
    except RuntimeError:
        raise SettingsError("OTELGRES_DATA_DIR: this user has no home directory, so it must be set") from None


class Settings(BaseSettings):
    """The effective settings, frozen. Come in by `Settings.load()`: it gives every mistake one clear line."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    dsn: SecretStr | None = Field(
        default=None,
        description="A PostgreSQL 15 or newer to use, as postgresql://user:password@host:port/database; of several "
        "hosts, `host1:port,host2:port`, the one that takes writes. "
        "Unset: Otelgres runs its own PostgreSQL 18.",
    )
    alert_sql_dsn: SecretStr | None = Field(
        default=None,
        description="The same database, or a replica, by a login that may only read what it is granted: what the "
        "`custom_sql` of alert rules runs by.",
        json_schema_extra={"shown": "made for the embedded PostgreSQL; none for another"},
    )
    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Directory of the embedded PostgreSQL's data; made if missing.",
        json_schema_extra={"shown": "/var/lib/otelgres for root, else ~/.local/share/otelgres"},
    )
    embedded_port: Port | None = Field(
        default=None,
        description="TCP port on localhost at which the embedded PostgreSQL also answers (scram passwords). "
        "Unset: unix socket only.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that all ports are bound to. Off loopback senders need keys, and people sign in.",
    )
    port: Port = Field(default=8000, description="Port of the API and the pages.")
    otlp_grpc_port: Port = Field(default=4317, description="Port that takes OTLP over gRPC.")
    otlp_http_port: Port = Field(default=4318, description="Port that takes OTLP over HTTP.")
    tls_cert: Path | None = Field(
        default=None,
        description="Certificate of all ports, PEM, with those that it was signed by; read anew when it changes. "
        "Unset: no TLS.",
    )
    tls_key: Path | None = Field(default=None, description="The private key that goes with it, PEM, without password.")
    tls_client_ca: Path | None = Field(
        default=None,
        description="Certificates, PEM, by one of which those of senders must be signed, at the ports for OTLP. "
        "Unset: senders need none.",
    )
    allowed_hosts: Names = Field(
        default=(),
        description="Further host names, comma-separated, that browsers may use while bound to loopback; "
        "behind a reverse proxy, its public name.",
        json_schema_extra={"shown": ""},
    )
    cors_origins: Names = Field(
        default=(),
        description="Origins of web pages, comma-separated, whose browsers may send OTLP over HTTP, "
        "as `https://app.example.com`; `*` for all.",
        json_schema_extra={"shown": ""},
    )
    ingest_access: Literal["open", "keys"] | None = Field(
        default=None,
        description="Who may send OTLP: `open`, everybody; `keys`, whoever presents a key of `otelgres key create`, "
        "or OTELGRES_INGEST_TOKEN, as `Authorization: Bearer <key>`.",
        json_schema_extra={"shown": "`open` on loopback while no ingest token is set, else `keys`"},
    )
    ingest_token: SecretStr | None = Field(
        default=None,
        description="One key for all senders, kept here instead of in the database. At least 16 characters.",
    )
    admin_token: SecretStr | None = Field(
        default=None,
        description="Lets in as admin, as bearer token or as the password that the browser asks for (any user name). "
        "Where nobody signs in, nobody else is let in. At least 16 characters.",
    )
    people: Literal["open", "accounts", "oidc", "proxy"] | None = Field(
        default=None,
        description="How people come in: `open` (nobody signs in; with an admin token they need that), `accounts` "
        "(`otelgres user create`), `oidc` (a provider) or `proxy` (a reverse proxy names them). "
        "The admin token works beside each.",
        json_schema_extra={"shown": "`open` on loopback or with an admin token, else `accounts`"},
    )
    proxy_header: str | None = Field(
        default=None,
        description="Header by which trusted proxies name the person, by e-mail address, as `X-User-Email`.",
    )
    trusted_proxies: Names = Field(
        default=(),
        description="Addresses or networks of reverse proxies, comma-separated, that are believed this header, "
        "`X-Forwarded-For` and `X-Forwarded-Proto`; nobody else is.",
        json_schema_extra={"shown": ""},
    )
    oidc_issuer: str | None = Field(
        default=None, description="OpenID Connect provider, as `https://accounts.example.com`."
    )
    oidc_client_id: str | None = Field(default=None, description="What this provider knows Otelgres by.")
    oidc_client_secret: SecretStr | None = Field(default=None, description="The secret that goes with it.")
    oidc_role_claim: str | None = Field(
        default=None,
        description="Claim of the provider that says the role, anew at each sign-in. "
        "Unset: everybody begins as viewer, and an admin changes that here.",
    )
    oidc_roles: Names = Field(
        default=("viewer=viewer", "editor=editor", "admin=admin"),
        description="Roles by values of that claim, comma-separated; for any other value viewer.",
        json_schema_extra={"shown": "viewer=viewer,editor=editor,admin=admin"},
    )
    oidc_domains: Names = Field(
        default=(),
        description="Domains of e-mail addresses, comma-separated, that may sign in. Unset: all.",
        json_schema_extra={"shown": ""},
    )
    retention_days: int = Field(default=30, ge=1, le=3650, description="Days that traces and logs are kept.")
    retention_size: ByteSize | None = Field(
        default=None,
        ge=1024**2,
        description="What all telemetry may take in the database, in bytes; `200GiB` is understood too. The oldest "
        "days go earlier where it is more, whole partitions of spans, logs and metric points.",
        json_schema_extra={"shown": "no bound"},
    )
    metric_retention_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="Days that metric points are kept.",
        json_schema_extra={"shown": "as OTELGRES_RETENTION_DAYS"},
    )
    metric_minutes_days: int = Field(
        default=30, ge=1, le=3650, description="Days that metrics rolled up by the minute are kept."
    )
    metric_hours_days: int = Field(
        default=400, ge=1, le=3650, description="Days that metrics rolled up by the hour are kept."
    )
    max_series_per_service: int = Field(
        default=100_000,
        ge=1,
        description="Live series that a service may have: those of the last day. Points of further ones are rejected.",
    )
    workers: int | None = Field(
        default=None,
        ge=1,
        le=256,
        description="Receiver processes.",
        json_schema_extra={"shown": "processors - 1, at least 2"},
    )
    max_request_bytes: ByteSize = Field(
        default=ByteSize(64 * 1024 * 1024),
        ge=1024,
        le=1024**3,
        description="Largest OTLP request after decompression, in bytes; `16MiB` is understood too.",
    )
    spool_bytes: ByteSize = Field(
        default=ByteSize(1024**3),
        ge=0,
        le=1024**4,
        description="What the receivers may keep on disk while the database is away, together, in bytes; "
        "`0` for no spool.",
    )
    spool_dir: Path | None = Field(
        default=None,
        description="Directory of that spool, on a local disk and for one database alone.",
        json_schema_extra={"shown": "below OTELGRES_DATA_DIR, one for each database"},
    )
    min_free_bytes: ByteSize = Field(
        default=ByteSize(512 * 1024**2),
        ge=0,
        le=1024**4,
        description="Free space below which nothing is spooled, or, on the disk of the embedded database, nothing "
        "is taken.",
    )
    attribute_rules: Path | None = Field(
        default=None,
        description="File of rules, TOML, that drop, hash or mask attributes before anything is stored.",
    )
    attribute_hash_key: SecretStr | None = Field(
        default=None,
        description="Key of the hashes that those rules make, the same wherever they shall be equal. "
        "At least 16 characters.",
    )
    connection_age_seconds: int = Field(
        default=600,
        ge=1,
        le=86_400,
        description="Age, in seconds, from which on a sender's connection is ended at the next occasion, so that "
        "long-lived senders spread over the receivers.",
    )
    error_from_status: int = Field(
        default=400,
        ge=400,
        le=599,
        description="HTTP status from which on a root span's trace counts as an error; "
        "500 is OpenTelemetry's own rule.",
    )
    alert_file: Path | None = Field(
        default=None,
        description="File, YAML, that keeps alert rules, channels, routes, inhibitions and silences; applied at the "
        "start. What it keeps is changed there alone.",
    )
    public_url: str | None = Field(
        default=None,
        description="Address under which people reach the pages, as `https://otelgres.example.com`; links in notices "
        "begin with it.",
    )
    alert_heartbeat_url: SecretStr | None = Field(
        default=None,
        description="Address that gets a GET once a minute as long as alert rules are evaluated in time: the dead "
        "man's switch of somebody outside.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level that Otelgres itself logs, on standard error."
    )

    slack_webhook_url: SecretStr | None = Field(
        default=None, validation_alias="SLACK_WEBHOOK_URL", description="Slack incoming webhook for alerts."
    )
    smtp_host: str | None = Field(
        default=None,
        validation_alias="SMTP_HOST",
        description="Mail server for alerts.",
        json_schema_extra={"masked": True},
    )
    smtp_port: Port = Field(
        default=587,
        validation_alias="SMTP_PORT",
        description="Its port; STARTTLS is used, at 465 TLS from the first byte on.",
        json_schema_extra={"masked": True},
    )
    smtp_user: str | None = Field(
        default=None,
        validation_alias="SMTP_USER",
        description="User to log in with; no login while unset.",
        json_schema_extra={"masked": True},
    )
    smtp_password: SecretStr | None = Field(
        default=None, validation_alias="SMTP_PASSWORD", description="Password to log in with."
    )
    alert_email_from: str | None = Field(
        default=None,
        validation_alias="ALERT_EMAIL_FROM",
        description="Sender of alert mails.",
        json_schema_extra={"masked": True},
    )
    alert_email_to: Names = Field(
        default=(),
        validation_alias="ALERT_EMAIL_TO",
        description="Recipients of alert mails, comma-separated.",
        json_schema_extra={"shown": "", "masked": True},
    )

    @field_validator(
        "allowed_hosts",
        "cors_origins",
        "alert_email_to",
        "trusted_proxies",
        "oidc_roles",
        "oidc_domains",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            url = urlsplit(origin)
            if origin != "*" and (not url.scheme or not url.netloc or f"{url.scheme}://{url.netloc}" != origin):
                raise ValueError(f"{origin!r} is no origin like https://app.example.com, nor *")
        return origins

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None:
            _check_web_address(value)
        return value

    @field_validator("alert_heartbeat_url")
    @classmethod
    def _is_secret_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_web_address(value.get_secret_value())
        return value

    @field_validator("data_dir", "spool_dir", "attribute_rules", "alert_file", "tls_cert", "tls_key", "tls_client_ca")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else Path(os.path.abspath(value.expanduser()))

    @field_validator("ingest_token", "admin_token", "attribute_hash_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError("must have at least 16 characters")
        return value

    @field_validator("dsn", "alert_sql_dsn")
    @classmethod
    def _is_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        try:
            url = urlsplit(value.get_secret_value())
            for host in url.netloc.rpartition("@")[2].split(","):
                _ = urlsplit(f"//{host}").port
        except ValueError as error:
            raise ValueError("is no URL like postgresql://user:password@host:port/database") from error
        if url.scheme not in ("postgresql", "postgres"):
            raise ValueError("must start with postgresql://")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            try:
                ipaddress.ip_network(text)
            except ValueError:
                raise ValueError(f"{text!r} is no address like 10.0.0.7, nor a network like 10.0.0.0/8") from None
        return texts

    @field_validator("oidc_roles")
    @classmethod
    def _name_roles(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            if text.rpartition("=")[1:] not in (("=", "viewer"), ("=", "editor"), ("=", "admin")):
                raise ValueError(f"{text!r} does not say =viewer, =editor or =admin")
        return texts

    @model_validator(mode="after")
    def _people_can_come_in(self) -> Self:
        needed: dict[str | None, list[str]] = {
            "proxy": ["proxy_header", "trusted_proxies"],
            "oidc": ["oidc_issuer", "oidc_client_id", "oidc_client_secret"],
        }
        missing = [variable(name) for name in needed.get(self.people, []) if not getattr(self, name)]
        if missing:
            raise ValueError(f"OTELGRES_PEOPLE={self.people} needs {' and '.join(missing)}")
        if self.proxy_header and self.people != "proxy":
            raise ValueError("OTELGRES_PROXY_HEADER is believed with OTELGRES_PEOPLE=proxy alone")
        return self

    @model_validator(mode="after")
    def _distinct_ports(self) -> Self:
        taken: dict[int, str] = {}
        for field in ("port", "otlp_grpc_port", "otlp_http_port", "embedded_port"):
            number = getattr(self, field)
            if number in taken:
                raise ValueError(f"{variable(taken[number])} and {variable(field)} are both {number}")
            if number is not None:
                taken[number] = field
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("OTELGRES_TLS_CERT and OTELGRES_TLS_KEY go together: set both, or none")
        if self.tls_client_ca is not None and self.tls_cert is None:
            raise ValueError("OTELGRES_TLS_CLIENT_CA needs OTELGRES_TLS_CERT and OTELGRES_TLS_KEY")
        return self

    @model_validator(mode="after")
    def _token_is_asked_for(self) -> Self:
        if self.ingest_access == "open" and self.ingest_token is not None:
            raise ValueError("OTELGRES_INGEST_ACCESS=open asks nobody for OTELGRES_INGEST_TOKEN: leave one out")
        return self

    @classmethod
    def load(cls) -> Self:
        """Settings from the environment. Any mistake MUST raise a SettingsError that names the variable."""
        unknown = unknown_variables(os.environ)
        if unknown:
            raise SettingsError("; ".join(unknown))
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError("; ".join(_describe(error))) from None

    @property
    def worker_count(self) -> int:
        """Receiver processes to run."""
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self.workers or max(2, usable - 1)

    @property
    def roles_by_claim(self) -> dict[str, str]:
        """Roles by values of the provider's claim."""
        parts = [text.rpartition("=") for text in self.oidc_roles]
        return {value: role for value, _equals, role in parts}

    @property
    def days_kept(self) -> dict[str, int]:
        """Days that rows are kept, of the tables that have a retention of their own."""
        return {
            "metric_points": self.metric_retention_days or self.retention_days,
            "metric_minutes": self.metric_minutes_days,
            "metric_hours": self.metric_hours_days,
        }

    @property
    def days_of_signals(self) -> dict[str, int]:
        """Days that the rows of each signal are kept, by table."""
        days = {"trace_spans": self.retention_days, "structured_logs": self.retention_days}
        return days | {"metric_points": self.days_kept["metric_points"]}

    @classmethod
    def document(cls) -> list[SettingRow]:
        """Every setting there is, in the order of the documentation."""
        return [
            SettingRow(variable(name), _shown_default(field), field.description or "")
            for name, field in cls.model_fields.items()
        ]

    def effective(self) -> list[tuple[str, str]]:
        """(variable, value) of every setting, secrets masked; empty string for an unset one."""
        return [(variable(name), self._shown(name, field)) for name, field in type(self).model_fields.items()]

    def _shown(self, name: str, field: FieldInfo) -> str:
        value = getattr(self, name)
        if value is None or value == ():
            return ""
        if name in ("dsn", "alert_sql_dsn"):
            return mask_dsn(value.get_secret_value())
        if isinstance(value, SecretStr) or (_extra(field).get("masked") and name in self.model_fields_set):
            return MASK
        return ",".join(value) if isinstance(value, tuple) else str(value)


def _check_web_address(value: str) -> None:
    try:
        url = urlsplit(value)
        whole = url.scheme in ("http", "https") and bool(url.hostname)
        _ = url.port
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("is no address like https://host/path")


def variable(name: str) -> str:
    """The environment variable of a field."""
    alias = Settings.model_fields[name].validation_alias
    return alias if isinstance(alias, str) else PREFIX + name.upper()


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """One sentence for each variable that has our prefix and is no setting."""
    known = {variable(name) for name in Settings.model_fields} | INTERNAL
    sentences = []
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known - INTERNAL, n=1, cutoff=0.7)
            hint = f"did you mean {near[0]}?" if near else "`otelgres config` lists all there are"
            sentences.append(f"{name} is no setting of Otelgres; {hint}")
    return sentences


def markdown_table() -> str:
    """Every setting as a markdown table, as the README shows it."""
    rows = [f"| `{row.variable}` | {row.default} | {row.description} |" for row in Settings.document()]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows])


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _shown_default(field: FieldInfo) -> str:
    shown = _extra(field).get("shown")
    if shown is not None:
        return str(shown)
    return "" if field.default is None else str(field.default)


def _describe(error: ValidationError) -> Iterable[str]:
    for mistake in error.errors(include_url=False, include_context=False):
        place = str(mistake["loc"][0]) if mistake["loc"] else ""
        text = mistake["msg"].removeprefix("Value error, ")
        if not place:
            yield text
            continue
        name = variable(place) if place in Settings.model_fields else place
        yield f"{name}: {text[0].lower()}{text[1:]}"
