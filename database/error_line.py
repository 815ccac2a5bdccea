"""Errors as logs and tables have them."""


def error_line(error: BaseException) -> str:
    """Its type and its text, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
