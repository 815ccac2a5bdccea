"""OTLP over gRPC and HTTP: limits, decoding, hand-over, mapping of errors."""
