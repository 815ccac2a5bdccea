"""Secrets as they may be shown."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

MASK = "********"


def mask_dsn(dsn: str) -> str:
    """The DSN without its passwords, be they in the userinfo or in the query."""
    url = urlsplit(dsn)
    userinfo, at, address = url.netloc.rpartition("@")
    user, colon, _ = userinfo.partition(":")
    netloc = f"{user}:{MASK}{at}{address}" if colon else url.netloc
    pairs = [
        (key, MASK if "password" in key.lower() else value)
        for key, value in parse_qsl(url.query, keep_blank_values=True)
    ]
    return urlunsplit((url.scheme, netloc, url.path, urlencode(pairs, safe="*/", quote_via=quote), ""))
