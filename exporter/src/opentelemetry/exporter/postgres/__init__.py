"""OTLP to PostgreSQL: decode, make rows, COPY, one group commit."""
