"""Attacks on access: each is tried on a running API, and fails if it succeeds."""
