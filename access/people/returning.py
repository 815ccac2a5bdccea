"""Where a browser goes after signing in: to a page of ours, whatever the address said."""

import re
from urllib.parse import quote

HOME = "/"
SIGN_IN = "/admin/sign-in"
# Not // nor /\, which browsers take for another host.
_OWN = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,2000}")


def own_path(text: str | None) -> str:
    """The path, if it is one of ours; else home."""
    return text if text is not None and _OWN.fullmatch(text) else HOME


def sign_in_page(next_: str) -> str:
    """The address of the page to sign in at, which goes on to this path."""
    return f"{SIGN_IN}?next={quote(own_path(next_), safe='/')}"
