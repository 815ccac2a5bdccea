"""Who works at the command line, as the audit names them."""

import getpass

from access.audit import By


def by_command_line() -> By:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return By(f"command line: {user}")
