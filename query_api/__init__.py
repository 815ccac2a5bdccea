"""Reads for people and pages: traces, logs, health."""
