"""Who may come in: loopback or not, tokens, keys, and the Host header. Plain functions, for every transport."""

import base64
import hmac
import ipaddress
import logging
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from pydantic import SecretStr

from server.errors import SettingsError
from server.settings import Settings

_log = logging.getLogger(__name__)


def check_exposure(settings: Settings) -> None:
    """Refuse, by a SettingsError, to open our ports to other machines while no access is set up."""
    if is_loopback(settings.host):
        return
    if people_of(settings) == "open" and settings.admin_token is None:
        raise SettingsError(
            f"OTELGRES_HOST={settings.host} lets other machines in: set OTELGRES_ADMIN_TOKEN "
            "to a secret of your own (openssl rand -hex 24), or OTELGRES_PEOPLE=accounts, or OTELGRES_HOST=127.0.0.1"
        )
    if not takes_keys(settings):
        _log.warning("OTELGRES_INGEST_ACCESS=open: whoever reaches OTELGRES_HOST=%s may send", settings.host)


def is_readable_on_the_way(settings: Settings) -> bool:
    """Whether passwords and keys may come in clear over a network, as far as the settings tell."""
    behind_tls = bool(settings.trusted_proxies) or (settings.public_url or "").startswith("https://")
    return settings.tls_cert is None and not behind_tls and not is_loopback(settings.host)


def people_of(settings: Settings) -> str:
    """How people come in: as it is set; else openly on loopback or behind the admin token, else by accounts."""
    if settings.people is not None:
        return settings.people
    return "open" if settings.admin_token is not None or is_loopback(settings.host) else "accounts"


def takes_keys(settings: Settings) -> bool:
    """Whether senders must present a key or the ingest token."""
    if settings.ingest_access is not None:
        return settings.ingest_access == "keys"
    return settings.ingest_token is not None or not is_loopback(settings.host)


def is_loopback(host: str) -> bool:
    """Whether every address of this host is loopback. A name that does not resolve is a SettingsError."""
    try:
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise SettingsError(f"OTELGRES_HOST={host} is no address of this machine: {error.strerror}") from None
    return all(ipaddress.ip_address(address.partition("%")[0]).is_loopback for address in addresses)


def presented_secret(authorization: str | None) -> str | None:
    """What an Authorization header presents, as Bearer or as the password of Basic; None without the header.

    Of any other header it is the empty text, which is no secret of ours.
    """
    if authorization is None:
        return None
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() == "basic":
        return _basic_password(value)
    return value.strip() if scheme.lower() == "bearer" else ""


def same(presented: str, secret: SecretStr) -> bool:
    """Whether they are equal. It takes the same time whatever differs."""
    return hmac.compare_digest(presented.encode(), secret.get_secret_value().encode())


def is_host_allowed(host_header: str | None, settings: Settings) -> bool:
    """Whether a request that names this host may be ours: false for DNS rebinding against an open server."""
    name = _host_name(host_header or "")
    public = urlsplit(settings.public_url or "").hostname
    known = _names([settings.host, "localhost", *settings.allowed_hosts, *([public] if public else [])])
    return name in known or _is_loopback_address(name)


def is_behind_proxy(settings: Settings) -> bool:
    """Whether somebody has said that a proxy passes requests on to us."""
    return bool(settings.allowed_hosts or settings.trusted_proxies or settings.public_url)


def is_origin_allowed(origin: str | None, host_header: str | None, settings: Settings) -> bool:
    """Whether the page that opens a WebSocket may read it: browsers ask nobody, and add the password that they know.

    Programs send no Origin. Behind a proxy that changes the Host header, OTELGRES_ALLOWED_HOSTS names the public host.
    """
    if origin is None:
        return True
    host = origin.lower().partition("://")[2]
    if host == (host_header or "").strip().lower() or _host_name(host) in _names(settings.allowed_hosts):
        return True
    public = urlsplit(settings.public_url or "")
    return bool(public.netloc) and origin.lower() == f"{public.scheme}://{public.netloc}".lower()


def _basic_password(value: str) -> str:
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2].decode(errors="replace")
    except ValueError:
        return ""


def _host_name(header: str) -> str:
    header = header.strip().lower()
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0].rstrip(".")


def _names(hosts: Iterable[str]) -> set[str]:
    return {host.lower().rstrip(".") for host in hosts}


def _is_loopback_address(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
