"""The attribute rules that the settings name."""

from opentelemetry.exporter.postgres.redaction import Rules
from opentelemetry.exporter.postgres.rule_file import BadRules, read_rules

from server.errors import SettingsError
from server.settings import Settings, variable


def rules_of(settings: Settings) -> Rules | None:
    """None where there are none. A file that cannot be used is a SettingsError: nothing may come in without rules."""
    if settings.attribute_rules is None:
        return None
    key = settings.attribute_hash_key
    try:
        return read_rules(
            settings.attribute_rules, None if key is None else key.get_secret_value(), variable("attribute_hash_key")
        )
    except BadRules as error:
        raise SettingsError(f"{variable('attribute_rules')}: {error}") from None
