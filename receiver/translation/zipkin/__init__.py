"""Spans of Zipkin, version 2."""
