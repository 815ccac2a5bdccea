"""TLS of our own ports."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from server import tls
from server.access import is_readable_on_the_way
from server.doctor.finding import Finding, ok, problem, warning
from server.doctor.wording import span
from server.errors import SettingsError
from server.settings import Settings

SOON = timedelta(days=14)
RENEW = "replace the files; Otelgres reads them anew"


def certificates(settings: Settings) -> list[Finding]:
    if settings.tls_cert is None:
        if is_readable_on_the_way(settings):
            return [
                warning(
                    f"no TLS at OTELGRES_HOST={settings.host}: passwords and keys can be read on the way",
                    "set OTELGRES_TLS_CERT and OTELGRES_TLS_KEY, or a proxy before it with OTELGRES_PUBLIC_URL",
                )
            ]
        return [ok("no TLS, and nothing that needs it")]
    try:
        tls.check(settings)
    except SettingsError as error:
        return [problem(str(error), "put the right files there, readable for the user that runs Otelgres")]
    files = {"OTELGRES_TLS_CERT": settings.tls_cert, "OTELGRES_TLS_CLIENT_CA": settings.tls_client_ca}
    return judge({name: _first(file) for name, file in files.items() if file is not None}, datetime.now(UTC))


def judge(found: Mapping[str, x509.Certificate], now: datetime) -> list[Finding]:
    """By the setting that names its file."""
    return [_judged(name, certificate, now) for name, certificate in found.items()]


def _judged(name: str, certificate: x509.Certificate, now: datetime) -> Finding:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if now >= ends:
        return problem(f"{name}: it expired {span((now - ends).total_seconds())} ago", RENEW)
    if now < begins:
        return problem(f"{name}: it is valid from {begins:%Y-%m-%d %H:%M} UTC on only", f"{RENEW}; is the clock right?")
    if ends - now < SOON:
        return warning(f"{name}: it expires in {span((ends - now).total_seconds())}", RENEW)
    return ok(f"{name}: valid until {ends:%Y-%m-%d}")


def _first(file: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(file.read_bytes())[0]
