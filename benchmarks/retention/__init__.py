"""Retention at work beside the ingest benchmark: what it costs is the difference between rounds with it and without."""
