"""Alerts over HTTP: rules, their alerts, what was decided and who was told."""
