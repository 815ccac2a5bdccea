"""Streams of Loki's push."""
