"""Ingest measured against raw COPY: `python -m benchmarks.ingest`."""
