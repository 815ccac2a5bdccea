"""Errors a user can act on; the command line prints each as one line and no traceback."""


class OtelgresError(Exception):
    """Something the user must change; the text is one line and says what."""

    exit_code = 1


class SettingsError(OtelgresError):
    """A setting is unknown, malformed or unsafe; the text names its variable."""

    exit_code = 2
